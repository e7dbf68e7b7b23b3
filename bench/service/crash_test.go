package service

import (
	"bufio"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"kuasheng/engine"
)

var cycles = flag.Int("cycles", 6, "TestCrash kills the service so many times")

const (
	crashPeople = 1 << 12
	crashLog2   = 12
	crashChild  = "KUASHENG_CRASH_CHILD"
)

// TestMain is also the program that TestCrash kills.
func TestMain(m *testing.M) {
	if os.Getenv(crashChild) == "" {
		os.Exit(m.Run())
	}
	if err := child(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A sender and what it was told: number of a batch of the story and a checksum of
// its answers.
type acknowledged struct{ Batch, Answers uint64 }

// child runs the service on the logs of dir. It says how far the log goes and in
// which state that leaves the shard, and then sends the story from a batch on, with
// a ring full of batches on their way, telling of every one that is answered.
func child(dir, from, durability string) error {
	first, err := strconv.Atoi(from)
	if err != nil {
		return err
	}
	level, err := strconv.Atoi(durability)
	if err != nil {
		return err
	}
	reached, err := storyIn(LogName(dir, 0))
	if err != nil {
		return err
	}
	intake := sharedWorld().intake(crashPeople, crashLog2)
	cfg := Config{Durability: Durability(level), Dir: dir, Ring: 8, World: testWorld}
	s, _, err := open(cfg, []*engine.Intake{intake})
	if err != nil {
		return err
	}
	digest := intake.StateDigest()
	if err := s.begin(); err != nil {
		return err
	}
	if err := binary.Write(os.Stdout, binary.LittleEndian, reached); err != nil {
		return err
	}
	if _, err := os.Stdout.Write(digest[:]); err != nil {
		return err
	}
	answered := uint64(first)
	for n := first; ; {
		if s.Submit(0, mixed(n)) {
			n++
			continue
		}
		b, running := <-s.Answered(0)
		if !running {
			return s.Stop()
		}
		if err := binary.Write(os.Stdout, binary.LittleEndian, acknowledged{answered, told(b)}); err != nil {
			return err
		}
		answered++
	}
}

// storyIn is how many batches of the story a log holds; some may be there twice.
func storyIn(name string) (reached uint64, err error) {
	file, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	} else if err != nil {
		return 0, err
	}
	defer file.Close()
	r := newReader(name, file)
	err = r.head(nil, nil)
	for err == nil {
		var rec *record
		if rec, err = r.next(); err == nil {
			reached = max(reached, (rec.requests[0].Sequence-1)/uint64(len(rec.requests))+1)
		}
	}
	var d *Damage
	if err == io.EOF || errors.As(err, &d) && (d.Torn || r.sound == 0) {
		return reached, nil
	}
	return reached, err
}

// told is a checksum of the answers of a mixed batch that are the same when it is
// sent again: a repeat is as good as the first, and what the batch itself takes back
// is left out.
func told(b *Batch) uint64 {
	sum := uint64(0)
	for j := range b.Answers {
		if j%12 == 4 || j%12 == 8 {
			continue
		}
		a := b.Answers[j]
		if a.Outcome == engine.Repeated {
			a.Outcome = engine.Done
		}
		sum = checksum(sum, []engine.Answer{a})
	}
	return sum
}

// Killed at any moment and started again, the service has lost no settlement that it
// acknowledged, and carries none out twice though the sender sends again whatever it
// has no answer to: the state after every restart is that of the story told once, in
// one thread, and so are the answers.
func TestCrash(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	var kills, batches, ahead int
	random := rand.New(rand.NewPCG(1, uint64(*cycles)))
	began := time.Now()
	for kills < *cycles {
		dir := t.TempDir()
		plain := sharedWorld().intake(crashPeople, crashLog2)
		var answers []uint64 // of the story told once
		next := uint64(0)    // the first batch without an answer
		for range min(25, *cycles-kills) {
			durability := 1 + kills%2
			cmd := exec.Command(self, dir, fmt.Sprint(next), fmt.Sprint(durability))
			cmd.Env = append(os.Environ(), crashChild+"=1")
			cmd.Stderr = os.Stderr
			pipe, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			// Mostly after so many answers, in the midst of what comes next; sometimes
			// after a while, perhaps while it recovers.
			after := random.IntN(200)
			if random.IntN(4) == 0 {
				kill := time.AfterFunc(time.Duration(random.IntN(50))*time.Millisecond, func() { cmd.Process.Kill() })
				defer kill.Stop()
			}
			out := bufio.NewReader(pipe)
			var hello struct {
				Reached uint64
				State   [32]byte
			}
			if err := binary.Read(out, binary.LittleEndian, &hello); err == nil {
				if hello.Reached < next {
					t.Fatalf("kill %d: %d batches were acknowledged, %d are in the log", kills, next, hello.Reached)
				}
				ahead += int(hello.Reached - next)
				for n := uint64(len(answers)); n < hello.Reached; n++ {
					b := mixed(int(n))
					plain.Take(b.Requests, b.Lines, b.Answers)
					answers = append(answers, told(b))
				}
				if uint64(len(answers)) != hello.Reached || plain.StateDigest() != hello.State {
					t.Fatalf("kill %d: after %d batches the state is not that of a plain run", kills, hello.Reached)
				}
			}
			var acks []acknowledged
			for {
				if len(acks) == after {
					cmd.Process.Kill()
				}
				var a acknowledged
				if err := binary.Read(out, binary.LittleEndian, &a); err != nil {
					break
				}
				if a.Batch != next {
					t.Fatalf("kill %d: batch %d answered, want %d", kills, a.Batch, next)
				}
				next++
				acks = append(acks, a)
			}
			var exit *exec.ExitError
			if err := cmd.Wait(); !errors.As(err, &exit) || exit.Exited() {
				t.Fatalf("kill %d: the service ended by itself: %v", kills, err)
			}
			for n := uint64(len(answers)); n < next; n++ {
				b := mixed(int(n))
				plain.Take(b.Requests, b.Lines, b.Answers)
				answers = append(answers, told(b))
			}
			for _, a := range acks {
				if answers[a.Batch] != a.Answers {
					t.Fatalf("kill %d: batch %d got other answers than in a plain run", kills, a.Batch)
				}
			}
			batches += len(acks)
			kills++
		}
	}
	if kills > 3 && batches == 0 {
		t.Error("nothing was ever acknowledged")
	}
	t.Logf("%d kills in %v: %d batches acknowledged, %d found in logs that were not", kills, time.Since(began).Round(time.Millisecond), batches, ahead)
}
