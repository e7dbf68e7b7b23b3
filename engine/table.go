package engine

import (
	"iter"
	"math/bits"
)

// table has a row for each cell in use. Where few patients are simulated these are few
// of many, and so are the memory and the work of a barrier.
type table[T any] struct {
	at   []uint32 // by cell, the place of its row; 0 for a cell not in use
	used []uint64 // a bit for each cell in use
	rows []T      // in the order in which they were opened; the first stays empty
}

func newTable[T any](cells int) table[T] {
	// What is not used of this room costs addresses and no memory.
	return table[T]{at: make([]uint32, cells), used: make([]uint64, (cells+63)/64), rows: make([]T, 1, 1+cells/4)}
}

// get returns a cell's row to be read only; that of a cell not in use is empty.
func (t *table[T]) get(cell int) *T { return &t.rows[t.at[cell]] }

// row returns a cell's row to be written to, until another is opened.
func (t *table[T]) row(cell int) *T {
	at := t.at[cell]
	if at == 0 {
		at = t.open(cell)
	}
	return &t.rows[at]
}

// reserve makes room for so many rows.
func (t *table[T]) reserve(rows int) { t.rows = append(make([]T, 0, rows), t.rows...) }

func (t *table[T]) open(cell int) (at uint32) {
	if len(t.rows) == cap(t.rows) {
		t.reserve(2 * len(t.rows)) // append would copy them more often
	}
	at = uint32(len(t.rows))
	t.rows = append(t.rows, *new(T))
	t.at[cell] = at
	t.used[cell/64] |= 1 << (cell % 64)
	return at
}

// all yields the rows in the order of their cells.
func (t *table[T]) all() iter.Seq2[int, *T] {
	return func(yield func(int, *T) bool) {
		for i, word := range t.used {
			for ; word != 0; word &= word - 1 {
				cell := i*64 + bits.TrailingZeros64(word)
				if !yield(cell, &t.rows[t.at[cell]]) {
					return
				}
			}
		}
	}
}

func (t *table[T]) reset() {
	for cell := range t.all() {
		t.at[cell] = 0
	}
	clear(t.used)
	t.rows = t.rows[:1]
}
