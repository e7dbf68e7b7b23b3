package sim

// maxrssUnit is the unit of Rusage.Maxrss: kibibytes on Linux.
const maxrssUnit = 1024
