//go:build !unix

package service

func cpuNS() int64 { return 0 } // not known
