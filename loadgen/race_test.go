//go:build race

package loadgen

// raced: the race detector makes a run take twenty times as long.
const raced = true
