// Verifies a log of ours with the reference implementation of Go: golang.org/x/mod/sumdb/note and tlog.
//
// usage: main LOG-FOLDER OLD-CHECKPOINT ENTRIES-FILE STEP
//
// ENTRIES-FILE holds the SHA-256 leaf hashes of all entries, 32 bytes each, as the test made them itself.
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type folder struct{ path string }

func (f folder) Height() int { return 8 }

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var contents [][]byte
	for _, tile := range tiles {
		// tlog names tiles tile/8/LEVEL/..., tlog-tiles leaves the height out
		content, err := os.ReadFile(f.path + "/" + strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		contents = append(contents, content)
	}
	return contents, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// checkpoint returns what a signed checkpoint says, after checking its signature.
func checkpoint(path string, verifier note.Verifier) tlog.Tree {
	content, err := os.ReadFile(path)
	must(err)
	opened, err := note.Open(content, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return tlog.Tree{N: size, Hash: root}
}

func main() {
	log := os.Args[1]
	policy, err := os.ReadFile(log + "/policy")
	must(err)
	verifier, err := note.NewVerifier(strings.Fields(string(policy))[1])
	must(err)
	tree, old := checkpoint(log+"/checkpoint", verifier), checkpoint(os.Args[2], verifier)
	leaves, err := os.ReadFile(os.Args[3])
	must(err)
	step, err := strconv.ParseInt(os.Args[4], 10, 64)
	must(err)
	reader := tlog.TileHashReader(tree, folder{log})
	records := 0
	for index := int64(0); index < tree.N; index += step {
		proof, err := tlog.ProveRecord(tree.N, index, reader)
		must(err)
		var leaf tlog.Hash
		copy(leaf[:], leaves[32*index:])
		must(tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf))
		records++
	}
	proof, err := tlog.ProveTree(tree.N, old.N, reader)
	must(err)
	must(tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash))
	fmt.Println(tree.N, old.N, records)
}
