package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
)

// Recorder is a Sink that passes every file on and remembers its size and SHA-256 for
// the manifest. Whatever is to stand in a run directory goes through one Recorder.
type Recorder struct {
	to    Sink
	files map[string]*recording
}

// NewRecorder returns a Recorder in front of a Sink.
func NewRecorder(to Sink) *Recorder { return &Recorder{to, map[string]*recording{}} }

type recording struct {
	io.WriteCloser
	bytes int64
	hash  hash.Hash
}

// Create opens a file of the directory for writing.
func (r *Recorder) Create(name string) (io.WriteCloser, error) {
	f, err := r.to.Create(name)
	if err != nil {
		return nil, err
	}
	r.files[name] = &recording{WriteCloser: f, hash: sha256.New()}
	return r.files[name], nil
}

func (f *recording) Write(b []byte) (int, error) {
	n, err := f.WriteCloser.Write(b)
	f.hash.Write(b[:n])
	f.bytes += int64(n)
	return n, err
}

// complete fills in a file's size and digest.
func (r *Recorder) complete(f *File) error {
	x, ok := r.files[f.Name]
	if !ok {
		return fmt.Errorf("%s was not written through the recorder of its directory", f.Name)
	}
	f.Bytes, f.SHA256 = x.bytes, r.sum(f.Name)
	return nil
}

// sum is the SHA-256 of a file that was written, in hexadecimal.
func (r *Recorder) sum(name string) string { return hex.EncodeToString(r.files[name].hash.Sum(nil)) }
