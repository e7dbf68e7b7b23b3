// Package experiment asks questions of the simulation: what a reform changes and for
// whom (Compare), how outcomes move with many parameters (Sweep), and what a bad year
// does to the money between provinces (Stress, Search).
//
// It is given worlds and returns figures; files, flags and data packs are others'.
// All policies that are compared see the same patients with the same illnesses, so
// that what differs is what the policies do. Floats serve for statistics only; every
// amount they are made of is an integer that a run has proven.
package experiment
