package report

import (
	"context"
	"io"
	"runtime"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"golang.org/x/sync/errgroup"

	"kuasheng/engine"
	"kuasheng/sim"
)

// traceColumn is a column of a Parquet file whose rows are made of records.
type traceColumn[R any] struct {
	name string
	node parquet.Node
	// bounds says that the file has the least and greatest value of each page. They
	// help to find amounts, days and ids; of columns of a few words they only cost.
	bounds bool
	fill   func(values []parquet.Value, records []R)
}

// dense says that compressing the column's values, as they are encoded, gains nothing.
func (c traceColumn[R]) dense() traceColumn[R] {
	c.node = parquet.Compressed(c.node, &parquet.Uncompressed)
	return c
}

// amountOf is a column of yuan with two decimals, exact.
func amountOf[R any](name string, of func(*R) int64) traceColumn[R] {
	node := parquet.Encoded(parquet.Decimal(2, 18, parquet.Int64Type), &parquet.DeltaBinaryPacked)
	return traceColumn[R]{name, node, true, func(values []parquet.Value, records []R) {
		for i := range records {
			values[i] = parquet.Int64Value(of(&records[i]))
		}
	}}
}

// wordOf is a column of a few words; of says which.
func wordOf[R any](name string, words []string, of func(*R) int) traceColumn[R] {
	all := make([]parquet.Value, len(words))
	for i, word := range words {
		all[i] = parquet.ByteArrayValue([]byte(word))
	}
	return traceColumn[R]{name, parquet.Encoded(parquet.String(), &parquet.RLEDictionary), false, func(values []parquet.Value, records []R) {
		for i := range records {
			values[i] = all[of(&records[i])]
		}
	}}
}

// codeOf is a column of numbers of which a row group has few different ones; node is
// their type.
func codeOf[R any](name string, node parquet.Node, of func(*R) int32) traceColumn[R] {
	return numbers(name, parquet.Encoded(node, &parquet.RLEDictionary), false, of)
}

// dayOf is a column of dates.
func dayOf[R any](name string, of func(*R) int32) traceColumn[R] {
	return numbers(name, parquet.Encoded(parquet.Date(), &parquet.DeltaBinaryPacked), true, of)
}

func numbers[R any](name string, node parquet.Node, bounds bool, of func(*R) int32) traceColumn[R] {
	return traceColumn[R]{name, node, bounds, func(values []parquet.Value, records []R) {
		for i := range records {
			values[i] = parquet.Int32Value(of(&records[i]))
		}
	}}
}

// idOf is a column of names of bills, or of patients only.
func idOf[R any](name string, patients bool, of func(*R) *sim.BillID) traceColumn[R] {
	return traceColumn[R]{name, parquet.Encoded(parquet.String(), &parquet.DeltaByteArray), true, func(values []parquet.Value, records []R) {
		text := idText{buffer: make([]byte, 0, 64*len(records))}
		for i := range records {
			bill := text.bill(of(&records[i]))
			if patients {
				bill = text.patient
			}
			values[i] = parquet.ByteArrayValue(bill)
		}
	}}
}

// idText writes ids as sim.BillID.String does.
type idText struct {
	buffer  []byte
	last    sim.BillID
	patient []byte // the last id as far as it names the patient
}

func (x *idText) bill(id *sim.BillID) []byte {
	last, from := &x.last, len(x.buffer)
	if x.patient != nil && id.Patient == last.Patient && id.Treating == last.Treating && id.Scheme == last.Scheme && id.Pool == last.Pool {
		x.buffer = append(x.buffer, x.patient...)
	} else {
		x.buffer = strconv.AppendUint(x.buffer, uint64(id.Pool), 10)
		x.buffer = append(append(append(x.buffer, '-'), engine.SchemeNames[id.Scheme]...), '-')
		x.buffer = strconv.AppendUint(x.buffer, uint64(id.Treating), 10)
		x.buffer = strconv.AppendUint(append(x.buffer, '-'), uint64(id.Patient), 10)
	}
	x.patient = x.buffer[from:len(x.buffer):len(x.buffer)]
	year, month := uint(id.Month.Year()), uint(id.Month.OfYear())
	x.buffer = append(x.buffer, '/', byte('0'+year/1000), byte('0'+year/100%10), byte('0'+year/10%10), byte('0'+year%10), '-', byte('0'+month/10), byte('0'+month%10), '/')
	x.buffer = append(append(x.buffer, engine.KindNames[id.Kind]...), '-')
	x.buffer = strconv.AppendUint(x.buffer, uint64(id.Ordinal), 10)
	if id.Rest {
		x.buffer = append(x.buffer, "-rest"...)
	}
	x.last = *id
	return x.buffer[from:]
}

// inOrder is a group of columns that keeps their order; parquet.Group sorts by name.
type inOrder struct {
	parquet.Group
	fields []parquet.Field
}

func (g inOrder) Fields() []parquet.Field { return g.fields }

func schemaOf[R any](name string, columns []traceColumn[R]) *parquet.Schema {
	g := inOrder{Group: parquet.Group{}}
	for i := range columns {
		g.Group[columns[i].name] = columns[i].node
	}
	byName := map[string]parquet.Field{}
	for _, f := range g.Group.Fields() {
		byName[f.Name()] = f
	}
	for i := range columns {
		g.fields = append(g.fields, byName[columns[i].name])
	}
	return parquet.NewSchema(name, g)
}

// The rows of a row group, of which a reader takes one for each of its processors, and
// how many are handed over at once: so few that their records stay in the processor's
// cache while column after column is read off them.
const (
	traceGroup = 1 << 17
	traceBatch = 1 << 8
)

// writeTable writes a Parquet file of rows in groups of so many; get copies the records
// from a row on. Row groups are made side by side and written in their order, so the file does not depend on
// the number of processors. What made the file is not in it: the same rows are the
// same bytes.
func writeTable[R any](w io.Writer, name string, columns []traceColumn[R], rows, each int, get func(records []R, from int)) error {
	// The bounds of pages stand in the page index; in the pages they would be doubled.
	options := []parquet.WriterOption{
		schemaOf(name, columns), parquet.Compression(&parquet.Snappy), parquet.DataPageStatistics(false), parquet.CreatedBy("kuasheng", "1", ""),
	}
	for i := range columns {
		if !columns[i].bounds {
			options = append(options, parquet.SkipPageBounds(columns[i].name))
		}
	}
	file := parquet.NewGenericWriter[any](w, options...)
	groups := (rows + each - 1) / each
	turn := make([]chan struct{}, groups+1) // closed when a group may be written
	for i := range turn {
		turn[i] = make(chan struct{})
	}
	close(turn[0])
	workers, ctx := errgroup.WithContext(context.Background())
	side := min(groups, runtime.GOMAXPROCS(0))
	for first := range side {
		group := file.BeginRowGroup()
		workers.Go(func() error {
			records, values := make([]R, traceBatch), make([]parquet.Value, traceBatch)
			for i := first; i < groups; i += side {
				end := min(rows, (i+1)*each)
				for from := i * each; from < end; from += traceBatch {
					n := min(traceBatch, end-from)
					get(records[:n], from)
					for c, to := range group.ColumnWriters() {
						columns[c].fill(values[:n], records[:n])
						if _, err := to.WriteRowValues(values[:n]); err != nil {
							return err
						}
					}
				}
				if err := group.Flush(); err != nil {
					return err
				}
				select {
				case <-turn[i]:
				case <-ctx.Done():
					return ctx.Err()
				}
				if _, err := group.Commit(); err != nil {
					return err
				}
				close(turn[i+1])
			}
			return nil
		})
	}
	if err := workers.Wait(); err != nil {
		return err
	}
	return file.Close()
}
