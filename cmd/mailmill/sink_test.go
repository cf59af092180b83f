package main

import (
	"bufio"
	"encoding/json"
	"net"
	"net/smtp"
	"os/exec"
	"testing"
)

// A sink that is to take three messages takes three, answers the last one and its
// QUIT, and then ends with what it counted.
func TestSinkExitsAfterItsMessages(t *testing.T) {
	cmd := exec.Command("mailmill", "sink", "--listen", "127.0.0.1:0", "--exit-after", "3", "--counters", "json")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	lines := json.NewDecoder(bufio.NewReader(stdout))
	var bound struct{ Listening string }
	if err := lines.Decode(&bound); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		// net/smtp sends QUIT, and its error would be returned.
		if err := smtp.SendMail(bound.Listening, nil, "a@example.com", []string{"b@example.com"}, []byte("Subject: x\r\n\r\ny\r\n")); err != nil {
			t.Fatal(err)
		}
	}
	var counted struct {
		Messages uint64 `json:"messages"`
		Sessions uint64 `json:"sessions"`
		Active   int64  `json:"active_sessions"`
	}
	if err := lines.Decode(&counted); err != nil {
		t.Fatal(err)
	}
	if counted.Messages != 3 || counted.Sessions != 3 || counted.Active != 0 {
		t.Errorf("counted %+v", counted)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("exit: %v", err)
	}
	if c, err := net.Dial("tcp", bound.Listening); err == nil {
		c.Close()
		t.Errorf("something still listens on %s", bound.Listening)
	}
}
