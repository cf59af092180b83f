package loadgen

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"mailmill/results"
)

// descriptorLimit is how many files this process may have open; 0 if that is not known.
func descriptorLimit() uint64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return limit.Cur
}

// ephemeralPorts is how many ports the kernel chooses from for one source address.
func ephemeralPorts() int {
	var low, high int
	if _, err := fmt.Sscan(read("/proc/sys/net/ipv4/ip_local_port_range"), &low, &high); err != nil {
		return 0
	}
	return high - low + 1
}

func read(path string) string {
	data, _ := os.ReadFile(path) // a file that is not there leaves its figure out
	return strings.TrimSpace(string(data))
}

// describeMachine fills in what the kernel says of the machine.
func describeMachine(h *results.Host) {
	h.Kernel = read("/proc/sys/kernel/osrelease")
	for line := range strings.Lines(read("/proc/cpuinfo")) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			h.CPU = strings.TrimSpace(strings.TrimLeft(name, " \t:"))
		}
		if strings.HasPrefix(line, "flags") && strings.Contains(line, " hypervisor") {
			h.Virt = "virtual machine"
		}
	}
	var quota, period float64
	if _, err := fmt.Sscan(read("/sys/fs/cgroup/cpu.max"), &quota, &period); err == nil && period > 0 {
		h.Quota = quota / period
	}
}

// strain is what the host has taken from this process so far.
type strain struct {
	throttled    time.Duration
	steal, total float64 // CPU time of the whole machine, in ticks
}

func measureStrain() (s strain) {
	for line := range strings.Lines(read("/sys/fs/cgroup/cpu.stat")) {
		var micros int64
		if _, err := fmt.Sscanf(line, "throttled_usec %d", &micros); err == nil {
			s.throttled = time.Duration(micros) * time.Microsecond
		}
	}
	first, _, _ := strings.Cut(read("/proc/stat"), "\n")
	for i, field := range strings.Fields(first) {
		var ticks float64
		if _, err := fmt.Sscan(field, &ticks); err != nil || i > 8 { // guest time is in user time already
			continue
		}
		s.total += ticks
		if i == 8 {
			s.steal = ticks
		}
	}
	return s
}

// usage is the CPU time of this process, and the most memory that it had resident.
func usage() (user, system time.Duration, rss int64) {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0, 0, 0
	}
	return time.Duration(r.Utime.Nano()), time.Duration(r.Stime.Nano()), r.Maxrss << 10
}
