package bench

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"
)

// Clock is the time of a run, in nanoseconds since it began. Only the pace of a run
// asks it: what is sent, and in which order, is settled before.
type Clock interface {
	Now() int64
	// Until returns as soon as Now has reached ns, or before that with ctx's error.
	Until(ctx context.Context, ns int64) error
	// Pause gives way for a moment, to whoever makes room in the target.
	Pause()
}

// wallClock is the machine's clock.
type wallClock struct {
	start time.Time
	early atomic.Int64 // how long before its time a sleep ends
}

// A sleep ends so long before its time at least, and at most.
const (
	leastEarly = 150_000
	mostEarly  = 2_000_000
)

// NewWallClock returns the machine's clock, begun now.
func NewWallClock() Clock {
	c := &wallClock{start: time.Now()}
	c.early.Store(leastEarly)
	return c
}

func (c *wallClock) Now() int64 { return int64(time.Since(c.start)) }

func (c *wallClock) Pause() { runtime.Gosched() }

// Until sleeps until shortly before and then yields until the time has come: a
// sleep alone is late by more than a settlement takes. Where sleeps turn out to be
// later still, it sleeps less.
func (c *wallClock) Until(ctx context.Context, ns int64) error {
	const nap = 20_000_000
	for {
		left, early := ns-c.Now(), c.early.Load()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case left <= 0:
			return nil
		case left > early:
			sleep := min(left-early, nap)
			end := c.Now() + sleep
			time.Sleep(time.Duration(sleep))
			if late := c.Now() - end; late > early {
				c.early.Store(min(late, mostEarly))
			} else {
				c.early.Store(max(early-early/64, leastEarly))
			}
		default:
			runtime.Gosched()
		}
	}
}
