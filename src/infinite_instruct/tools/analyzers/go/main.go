// Checker judges Go samples without running them: the parser and the type checker of the Go
// project itself, and the passes of `go vet`. It is built and kept by ../go_types.py.
//
// It reads requests from stdin, one JSON array of texts a line, and answers each text, in order,
// with one line on stdout; it ends at the end of stdin. A text that kills it or makes it late is
// the first one without an answer.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"
	"runtime/debug"
	"sync"
)

const (
	// maxStack ends a runaway recursion before it takes the machine's memory: bytes.
	maxStack = 128 << 20
	// The heap may grow fivefold between collections, but above this many bytes they come often.
	gcPercent = 400
	maxHeap   = 1 << 30
	// maxMessage cuts the words of a finding: bytes.
	maxMessage = 2000
)

// A Reply is all that is said of one sample.
type Reply struct {
	Diagnostics []Diagnostic `json:"diagnostics"`
	Unresolved  []string     `json:"unresolved"`
	Fault       string       `json:"fault"`
}

// A Diagnostic is one finding. Line and column count from 1, the column in bytes.
type Diagnostic struct {
	Tool    string `json:"tool"`
	Rule    string `json:"rule"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
	soft    bool   // the program still has a meaning
}

func main() {
	log.SetFlags(0)
	debug.SetMaxStack(maxStack)
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(maxHeap)
	checker, err := NewChecker()
	if err != nil {
		log.Fatal(err)
	}
	answers := &answers{encoder: json.NewEncoder(os.Stdout)}
	limit := newLimit(func() {
		answers.write(Reply{Fault: "timeout"})
		os.Exit(0)
	})
	checker.std.onLoad = limit.more
	go checker.std.prime()
	if err := serve(os.Stdin, checker, limit, answers); err != nil {
		log.Fatal(err)
	}
}

// serve answers requests until there are no more.
func serve(in io.Reader, checker *Checker, limit *limit, answers *answers) error {
	requests := json.NewDecoder(bufio.NewReaderSize(in, 1<<16))
	for {
		var texts []string
		if err := requests.Decode(&texts); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		for _, text := range texts {
			limit.begin()
			reply := checker.Check(text)
			limit.end()
			answers.write(reply)
		}
	}
}

// answers writes one reply at a time: the limit's goroutine writes, too.
type answers struct {
	mutex   sync.Mutex
	encoder *json.Encoder
}

func (a *answers) write(reply Reply) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if err := a.encoder.Encode(reply); err != nil {
		log.Fatal(err)
	}
}
