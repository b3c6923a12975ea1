package main

import (
	"log"
	"sync"
	"syscall"
	"time"
)

// maxCPU is what one sample may take, without loading the standard library; ordinary ones take a
// millisecond. It is processor time, so that a busy machine changes no verdict.
const maxCPU = 3 * time.Second

// limit calls late, once, when a sample takes too long: Go cannot stop a goroutine from outside.
type limit struct {
	mutex sync.Mutex
	busy  bool
	since time.Duration
	late  func()
}

func newLimit(late func()) *limit {
	l := &limit{late: late}
	go l.watch()
	return l
}

func (l *limit) begin() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.busy, l.since = true, cpuTime()
}

// more gives the sample its whole time anew.
func (l *limit) more() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.since = cpuTime()
}

func (l *limit) end() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.busy = false
}

func (l *limit) watch() {
	for range time.Tick(100 * time.Millisecond) {
		l.mutex.Lock()
		if l.busy && cpuTime()-l.since > maxCPU {
			l.late() // never gives the lock back: no second answer may follow
			return
		}
		l.mutex.Unlock()
	}
}

// cpuTime is what this process has used of the processors.
func cpuTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		log.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
