package transport

import "golang.org/x/sys/unix"

// coalesceLimit is the largest Body that is copied behind its Head, so that both leave in one
// plain send: below it the copy is cheaper than the kernel's walk over two vectors.
const coalesceLimit = 8 << 10

func (c *conn) writing() bool { return len(c.head)+len(c.body) > 0 }

// write sends what the action says: with the other writes of the turn, if it is short enough to lie in
// the loop's scratch until then.
func (c *conn) write(a *Action) bool {
	if c.state != connOpen {
		return false
	}
	c.speak()
	l := c.loop
	head, body := a.Head, a.Body
	if room := cap(l.scratch) - l.used; len(body) <= coalesceLimit && len(head)+len(body) <= room {
		head, body = append(append(l.scratch[l.used:l.used], head...), body...), nil
		if l.enqueue(c, head, a.Notify) {
			return false
		}
	}
	n, errno := send(c.fd, head, body)
	if n == len(head)+len(body) {
		return a.Notify && c.next(Event{Kind: Written})
	}
	fromHead := min(n, len(head))
	c.remain(head[fromHead:], body[n-fromHead:], errno)
	return false
}

// speak sets TCP_NODELAY before the first write that nothing was heard before. Without it such a write could
// wait for the acknowledgment of the one before, for 40 ms; one that follows the peer's answer cannot, so the
// system call is saved in a session of commands and replies.
func (c *conn) speak() {
	if c.unheard && !c.prompt {
		c.prompt = true
		if c.peer.Remote.Path == "" {
			setOption(int(c.fd), unix.IPPROTO_TCP, unix.TCP_NODELAY)
		}
	}
	c.spoken, c.unheard = true, true
}

// remain keeps what did not fit of a write, until the socket is writable again.
func (c *conn) remain(head, body []byte, errno unix.Errno) {
	if errno != 0 && errno != unix.EAGAIN && errno != unix.EINTR {
		c.fail(errno)
		return
	}
	if len(head) > 0 {
		c.head = append([]byte(nil), head...)
	}
	if len(body) > 0 {
		c.body = body
	}
	c.listenOutward()
}

// fail notes that the peer takes no more. pump then delivers what it had sent, and Broken after that.
func (c *conn) fail(errno unix.Errno) {
	c.failed, c.fault = true, faultOf(errno)
	c.head, c.body = nil, nil
}

// resume goes on with an unfinished write.
func (c *conn) resume() {
	for c.writing() {
		n, errno := send(c.fd, c.head, c.body)
		switch {
		case errno == unix.EAGAIN:
			return
		case errno == unix.EINTR:
			continue
		case errno != 0:
			c.fail(errno)
			return
		}
		fromHead := min(n, len(c.head))
		c.head, c.body = c.head[fromHead:], c.body[n-fromHead:]
	}
	c.head, c.body = nil, nil
	c.step(Event{Kind: Written, Now: c.loop.epoll.Now()})
}
