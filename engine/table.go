package engine

import (
	"iter"
	"math/bits"
)

// table has a row for each cell in use. Where few patients are simulated these are few
// of many, and so are the memory and the work of a barrier. A shard's table has room for
// all cells instead, so that a row is where its cell says and none is ever made later.
type table[T any] struct {
	used []uint64 // a bit for each cell in use
	at   []uint32 // by cell, the place of its row, 0 for a cell not in use; nil where it is the cell
	rows []T      // in the order in which they were opened, the first empty; or by cell
}

func newTable[T any](cells int) table[T] {
	// What is not used of this room costs addresses and no memory.
	return table[T]{used: make([]uint64, (cells+63)/64), at: make([]uint32, cells), rows: make([]T, 1, 1+cells/4)}
}

// spread gives all cells their room.
func (t *table[T]) spread() {
	if t.at == nil {
		return
	}
	rows := make([]T, len(t.at))
	for cell, row := range t.all() {
		rows[cell] = *row
	}
	t.at, t.rows = nil, rows
}

// get returns a cell's row to be read only; that of a cell not in use is empty.
func (t *table[T]) get(cell int) *T {
	if t.at == nil {
		return &t.rows[cell]
	}
	return &t.rows[t.at[cell]]
}

// row returns a cell's row to be written to, until another is opened.
func (t *table[T]) row(cell int) *T {
	if t.at == nil {
		return t.spreadRow(cell)
	}
	if t.at[cell] == 0 {
		t.open(cell)
	}
	return &t.rows[t.at[cell]]
}

// spreadRow is row where all cells have their room.
func (t *table[T]) spreadRow(cell int) *T {
	t.used[uint(cell)/64] |= 1 << (uint(cell) % 64)
	return &t.rows[cell]
}

func (t *table[T]) open(cell int) {
	if len(t.rows) == cap(t.rows) { // append would copy them more often
		t.rows = append(make([]T, 0, 2*len(t.rows)), t.rows...)
	}
	t.at[cell] = uint32(len(t.rows))
	t.used[uint(cell)/64] |= 1 << (uint(cell) % 64)
	t.rows = append(t.rows, *new(T))
}

// all yields the rows in the order of their cells.
func (t *table[T]) all() iter.Seq2[int, *T] {
	return func(yield func(int, *T) bool) {
		for i, word := range t.used {
			for ; word != 0; word &= word - 1 {
				cell := i*64 + bits.TrailingZeros64(word)
				if !yield(cell, t.get(cell)) {
					return
				}
			}
		}
	}
}

func (t *table[T]) reset() {
	for cell, row := range t.all() {
		if t.at == nil {
			*row = *new(T)
		} else {
			t.at[cell] = 0
		}
	}
	clear(t.used)
	if t.at != nil {
		t.rows = t.rows[:1]
	}
}
