// Verifies an exported log with code that is not ours: golang.org/x/mod/sumdb/{note,tlog}, the
// verifier of Go's own checksum database.
//
// Usage: verify VERIFIER-KEY FOLDER [PROOFS.json]
//
// Of the folder it reads checkpoint, tile/ and tile/entries/ (C2SP tlog-tiles). It opens the note,
// hashes every entry, computes the root, reads every leaf hash through authenticated tiles, and
// checks the inclusion and consistency proofs in the JSON file. It prints what held.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	batch      = 4096
)

type proofs struct {
	Records []struct {
		LeafIndex int64    `json:"leaf_index"`
		Header    []byte   `json:"header"`
		Proof     [][]byte `json:"proof"`
	} `json:"records"`
	Trees []struct {
		Size  int64    `json:"size"`
		Root  []byte   `json:"root"`
		Proof [][]byte `json:"proof"`
	} `json:"trees"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("usage: verify VERIFIER-KEY FOLDER [PROOFS.json]")
	}
	tree, err := checkpoint(args[0], args[1])
	if err != nil {
		return err
	}
	leaves, err := entries(args[1], tree)
	if err != nil {
		return err
	}
	if err := tiles(args[1], tree, leaves); err != nil {
		return err
	}
	fmt.Printf("entries %d\n", len(leaves))
	if len(args) > 2 {
		return check(args[2], tree)
	}
	return nil
}

// checkpoint opens the signed note and reads the tree it claims.
func checkpoint(vkey, folder string) (tlog.Tree, error) {
	var tree tlog.Tree
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tree, err
	}
	data, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tree, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// entries hashes every entry and compares the root of all with the checkpoint's.
func entries(folder string, tree tlog.Tree) ([]tlog.Hash, error) {
	var leaves, stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			found[i] = stored[index]
		}
		return found, nil
	})
	for first := int64(0); first < tree.N; first += tileWidth {
		width := tree.N - first
		if width > tileWidth {
			width = tileWidth
		}
		file := filepath.Join(folder, "tile", "entries", path(first/tileWidth, width))
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for i := int64(0); i < width; i++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("%s is too short", file)
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			hashes, err := tlog.StoredHashes(first+i, data[2:end], reader)
			if err != nil {
				return nil, err
			}
			leaves, stored, data = append(leaves, hashes[0]), append(stored, hashes...), data[end:]
		}
		if len(data) > 0 {
			return nil, fmt.Errorf("%s is too long", file)
		}
	}
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil {
		return nil, err
	}
	if root != tree.Hash {
		return nil, fmt.Errorf("the entries' root is %v, the checkpoint's %v", root, tree.Hash)
	}
	return leaves, nil
}

// tiles reads all leaf hashes through tiles that tlog authenticates against the tree.
func tiles(folder string, tree tlog.Tree, leaves []tlog.Hash) error {
	reader := tlog.TileHashReader(tree, folderTiles(folder))
	for first := 0; first < len(leaves); first += batch {
		var indexes []int64
		for n := first; n < len(leaves) && n < first+batch; n++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, int64(n)))
		}
		hashes, err := reader.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for i, hash := range hashes {
			if hash != leaves[first+i] {
				return fmt.Errorf("leaf %d differs between its tile and its entry", first+i)
			}
		}
	}
	return nil
}

type folderTiles string

func (folder folderTiles) Height() int { return tileHeight }

func (folder folderTiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (folder folderTiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(wanted))
	for i, tile := range wanted {
		level := strconv.Itoa(tile.L)
		name := filepath.Join(string(folder), "tile", level, path(tile.N, int64(tile.W)))
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		found[i] = data
	}
	return found, nil
}

// path writes a tile's index as tlog-tiles does: in threes, all but the last marked with an x.
func path(index, width int64) string {
	name := fmt.Sprintf("%03d", index%1000)
	for index /= 1000; index > 0; index /= 1000 {
		name = fmt.Sprintf("x%03d/%s", index%1000, name)
	}
	if width < tileWidth {
		name = fmt.Sprintf("%s.p/%d", name, width)
	}
	return name
}

// check verifies proofs that the log made.
func check(file string, tree tlog.Tree) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var given proofs
	if err := json.Unmarshal(data, &given); err != nil {
		return err
	}
	for _, each := range given.Records {
		leaf := tlog.RecordHash(each.Header)
		if err := tlog.CheckRecord(hashes(each.Proof), tree.N, tree.Hash, each.LeafIndex, leaf); err != nil {
			return fmt.Errorf("leaf %d: %w", each.LeafIndex, err)
		}
	}
	for _, each := range given.Trees {
		old := hashes([][]byte{each.Root})[0]
		if err := tlog.CheckTree(hashes(each.Proof), tree.N, tree.Hash, each.Size, old); err != nil {
			return fmt.Errorf("tree %d: %w", each.Size, err)
		}
	}
	fmt.Printf("inclusion proofs %d\nconsistency proofs %d\n", len(given.Records), len(given.Trees))
	return nil
}

func hashes(raw [][]byte) []tlog.Hash {
	made := make([]tlog.Hash, len(raw))
	for i, each := range raw {
		parsed, err := tlog.ParseHash(base64.StdEncoding.EncodeToString(each))
		if err == nil {
			made[i] = parsed
		}
	}
	return made
}
