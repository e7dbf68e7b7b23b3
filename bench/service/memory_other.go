//go:build !linux

package service

import "kuasheng/engine"

// largePages does nothing where the kernel is not asked for large pages.
func largePages(*engine.Intake) {}
