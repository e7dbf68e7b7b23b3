package verify

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const manifestName = "manifest.json"

// ManifestVersion is the layout of a run directory that this package proves.
const ManifestVersion = 4

// manifest is manifest.json, see report.Manifest.
type manifest struct {
	Version    int    `json:"version"`
	Repeat     string `json:"repeat"`
	Scenario   string `json:"scenario"`
	DataDigest string `json:"data_digest"`
	Overlays   []struct {
		File string `json:"file"`
		Text string `json:"text"`
	} `json:"overlays"`
	Sets    []string `json:"sets"`
	Seed    uint64   `json:"seed"`
	Sample  uint32   `json:"sample_one_in"`
	Trace   string   `json:"trace"`
	Digest  string   `json:"digest"`
	Program struct {
		Version  string            `json:"version"`
		Go       string            `json:"go"`
		Platform string            `json:"platform"`
		Revision string            `json:"revision,omitempty"`
		Modified bool              `json:"modified,omitempty"`
		Settings map[string]string `json:"settings,omitempty"`
	} `json:"program"`
	Synthetic string         `json:"synthetic"`
	Files     []manifestFile `json:"files"`
}

// sampleText is the sample as the flag writes it.
func (m *manifest) sampleText() string { return fmt.Sprintf("1/%d", m.Sample) }

// manifestFile is a file as the manifest lists it.
type manifestFile struct {
	Name   string `json:"name"`
	What   string `json:"what"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// list reads the manifest and finds what is missing, what nobody listed, and what is no
// regular file: nothing else is ever opened.
func (r *run) list() error {
	if _, err := fs.Lstat(r.dir, manifestName); errors.Is(err, fs.ErrNotExist) {
		return ErrNotARun
	}
	err := fs.WalkDir(r.dir, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir():
			return err
		case !d.Type().IsRegular():
			r.find(Finding{File: name, Want: "a regular file", Got: kindOf(d.Type()), Rule: "a run directory holds regular files only"})
			return nil
		}
		r.names = append(r.names, name)
		return nil
	})
	if err != nil {
		return err
	}
	slices.Sort(r.names)
	r.report.Files = len(r.names)
	if !r.has(manifestName) {
		return nil
	}
	r.do(r.readManifest)
	listed := map[string]bool{manifestName: true, sealName: true}
	for _, f := range r.m.Files {
		r.report.Checked++
		if listed[f.Name] {
			r.find(Finding{File: manifestName, Column: f.Name, Want: "once", Got: "twice", Rule: "the manifest lists each file once"})
		}
		listed[f.Name] = true
		if !r.has(f.Name) && !r.broken[f.Name] {
			r.find(Finding{File: f.Name, Want: "a file", Got: "none", Rule: "the manifest lists it"})
		}
	}
	if !r.has(sealName) && !r.broken[sealName] {
		r.find(Finding{File: sealName, Want: "a file", Got: "none", Rule: "every run is sealed"})
	}
	if r.m.Files == nil {
		return nil // told where it was read
	}
	for _, name := range r.names {
		r.report.Checked++
		if !listed[name] {
			r.find(Finding{File: name, Want: "none", Got: "a file", Rule: "the manifest does not list it"})
		}
	}
	return nil
}

// readManifest reads the manifest, which is written in one way only and agrees with
// itself: the command follows from the other keys.
func (r *run) readManifest() {
	text := r.read(manifestName)
	if err := json.Unmarshal(text, &r.m); err != nil {
		r.find(Finding{File: manifestName, Want: "JSON", Got: err.Error(), Rule: "the manifest can be read"})
		return
	}
	if !r.sameInt(manifestName, 2, "version", ManifestVersion, int64(r.m.Version), "the layout of a directory that this version proves") {
		return
	}
	again, err := json.MarshalIndent(&r.m, "", "  ")
	if err != nil {
		panic(err)
	}
	r.sameText(manifestName, append(again, '\n'), "form of the manifest")

	words := []string{"--seed", strconv.FormatUint(r.m.Seed, 10), "--sample", r.m.sampleText()}
	for _, o := range r.m.Overlays {
		words = append(words, "--overlay", o.File)
	}
	for _, set := range r.m.Sets {
		words = append(words, "--set", set)
	}
	for i, word := range words {
		words[i] = quoted(word)
	}
	end := " " + strings.Join(words, " ")
	want := "kuasheng run " + quoted(r.m.Scenario) + end
	if dir, other := strings.CutPrefix(strings.TrimSuffix(r.m.Repeat, end), "kuasheng run --data "); other && oneWord.MatchString(dir) {
		want = "kuasheng run --data " + dir + end // a pack that is not built in goes by its folder
	}
	r.same(manifestName, 3, "repeat", want, r.m.Repeat, "the command that the manifest's other keys give")
	r.report.Checked++
	switch {
	case r.m.Trace != "" && !oneIn.MatchString(r.m.Trace):
		r.find(Finding{File: manifestName, Column: "trace", Want: "1/N", Got: r.m.Trace, Rule: "the manifest can be read"})
	case r.m.Trace != "" && !r.has(claimsName):
		r.find(Finding{File: claimsName, Want: "the trace " + r.m.Trace, Got: "none", Rule: "the manifest names a trace"})
	case r.m.Trace == "" && r.has(claimsName):
		r.find(Finding{File: claimsName, Want: "none", Got: "a trace", Rule: "the manifest names a trace"})
	}
}

var (
	oneIn    = regexp.MustCompile(`^1/[1-9][0-9]*$`)
	bareWord = regexp.MustCompile(`^[a-zA-Z0-9\-_./=:,+@%]+$`)
	oneWord  = regexp.MustCompile(`^([a-zA-Z0-9\-_./=:,+@%]|'[^']*'|\\')+$`)
	kindsOfs = map[fs.FileMode]string{fs.ModeSymlink: "a symbolic link", fs.ModeNamedPipe: "a named pipe", fs.ModeSocket: "a socket",
		fs.ModeDevice: "a device", fs.ModeDevice | fs.ModeCharDevice: "a device"}
)

func kindOf(mode fs.FileMode) string {
	if kind, known := kindsOfs[mode]; known {
		return kind
	}
	return "something else"
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	if bareWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// The largest files that are read as a whole: tables are the registers of a year, other
// texts people can read.
const (
	mostTable = 1 << 30
	mostText  = 1 << 26
)

// read returns a file's bytes; without them the derivation cannot go on.
func (r *run) read(name string) []byte {
	if !r.has(name) {
		if !r.broken[name] {
			r.find(Finding{File: name, Want: "a file", Got: "none", Rule: "every run has it"})
		}
		panic(giveUp{})
	}
	most := int64(mostText)
	if strings.HasSuffix(name, ".csv") || name == workbookName {
		most = mostTable
	}
	text, err := []byte(nil), error(nil)
	info, err := fs.Stat(r.dir, name)
	if err == nil && info.Size() > most {
		r.find(Finding{File: name, Want: fmt.Sprintf("at most %d bytes", most), Got: fmt.Sprint(info.Size()), Rule: "the file can be read"})
		panic(giveUp{})
	}
	if err == nil {
		text, err = fs.ReadFile(r.dir, name)
	}
	if err != nil {
		r.cannotRead(err)
	}
	return text
}

// cannotRead notes the first file that the system would not read.
func (r *run) cannotRead(err error) {
	if r.unreadable == nil {
		r.unreadable = err
	}
	panic(giveUp{})
}

// has reports whether the directory holds a regular file.
func (r *run) has(name string) bool {
	_, found := slices.BinarySearch(r.names, name)
	return found
}
