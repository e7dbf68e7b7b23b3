package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

const sealName = "certificates/seal.json"

// digests compares every byte with what vouches for it: a file with the manifest, the
// manifest with the seal, the seal with itself and with what the run printed.
func (r *run) digests(printed string) {
	for _, f := range r.m.Files {
		if !r.has(f.Name) {
			continue
		}
		size, sum, err := r.digest(f.Name)
		if err != nil {
			r.unreadable = errors.Join(r.unreadable, err)
			continue
		}
		r.report.Bytes += size
		r.sameInt(f.Name, 0, "bytes", f.Bytes, size, "size in the manifest")
		r.same(f.Name, 0, "sha256", f.SHA256, sum, "digest in the manifest")
	}
	size, manifest, err := r.digest(manifestName)
	if err != nil {
		r.unreadable = errors.Join(r.unreadable, err)
		return
	}
	r.report.Bytes += size
	if !r.has(sealName) {
		return
	}
	text := r.read(sealName)
	r.report.Bytes += int64(len(text))
	var s struct {
		Certificate, Manifest, Seal string
	}
	if err := json.Unmarshal(text, &s); err != nil {
		r.find(Finding{File: sealName, Want: "JSON", Got: err.Error(), Rule: "the seal can be read"})
		return
	}
	sum := sha256.Sum256([]byte(s.Certificate + "\n" + s.Manifest + "\n"))
	if r.same(sealName, 4, "seal", hex.EncodeToString(sum[:]), s.Seal, "SHA-256 of certificate and manifest") {
		r.same(manifestName, 0, "sha256", s.Manifest, manifest, "digest in the seal")
	}
	if last := r.lastSeal(); last != "" {
		r.same(sealName, 2, "certificate", last, s.Certificate, "seal of the last certificate")
	}
	want := fmt.Sprintf("{\n  \"certificate\": %q,\n  \"manifest\": %q,\n  \"seal\": %q\n}\n", s.Certificate, s.Manifest, s.Seal)
	r.report.Checked++
	if string(text) != want {
		r.find(Finding{File: sealName, Want: "its three keys and nothing else", Got: "other text", Rule: "form of the seal"})
	}
	r.report.Seal = s.Seal
	if printed != "" {
		r.same(sealName, 4, "seal", printed, s.Seal, "the seal that the run printed")
	}
}

// lastSeal is the seal of the last certificate that the manifest lists.
func (r *run) lastSeal() string {
	name := ""
	for _, f := range r.m.Files {
		if len(f.Name) > 13 && f.Name[:13] == "certificates/" && f.Name != sealName {
			name = f.Name
		}
	}
	if name == "" || !r.has(name) {
		return ""
	}
	var c struct{ Seal string }
	if err := json.Unmarshal(r.read(name), &c); err != nil {
		return ""
	}
	return c.Seal
}

// digest reads a whole file.
func (r *run) digest(name string) (size int64, sum string, err error) {
	f, err := r.dir.Open(name)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	h := sha256.New()
	if r.buffer == nil {
		r.buffer = make([]byte, 1<<16)
	}
	size, err = io.CopyBuffer(h, f, r.buffer)
	return size, hex.EncodeToString(h.Sum(nil)), err
}

// sameText compares a file that follows from the others with what it must be, line by
// line.
func (r *run) sameText(name string, want []byte, rule string) {
	got := r.read(name)
	r.report.Checked++
	if bytes.Equal(want, got) {
		return
	}
	w, g := bytes.Split(want, []byte("\n")), bytes.Split(got, []byte("\n"))
	for i := range max(len(w), len(g)) {
		var a, b []byte
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if !bytes.Equal(a, b) {
			key, _, _ := bytes.Cut(bytes.TrimSpace(a), []byte(":"))
			r.find(Finding{name, i + 1, string(bytes.Trim(key, `"`)), string(bytes.TrimSpace(a)), string(bytes.TrimSpace(b)), rule})
			return
		}
	}
}
