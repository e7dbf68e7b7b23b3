// Package sim lives a synthetic population's year of care away from home and
// settles every bill of it through the engine.
//
// Months are barriers and there is no event queue. Inside a month patients are
// independent of each other, so workers take blocks of them in any order; between
// months the books are added up and proven, and money moves (run.go). What
// happens to a patient in a month is drawn from a counter-based generator
// (streams.go, package draw), never stored and never dependent on order or policy.
package sim
