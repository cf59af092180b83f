package transport

import "golang.org/x/sys/unix"

// coalesceLimit is the largest Body that is copied behind its Head, so that both leave in one
// plain send: below it the copy is cheaper than the kernel's walk over two vectors.
const coalesceLimit = 8 << 10

func (c *conn) writing() bool { return len(c.head)+len(c.body) > 0 }

// write sends what the action says. What does not fit goes on when the socket is writable again.
func (c *conn) write(a *Action) bool {
	if c.state != connOpen {
		return false
	}
	c.spoken = true
	head, body := a.Head, a.Body
	if len(body) > 0 && len(body) <= coalesceLimit && len(head)+len(body) <= cap(c.loop.scratch) {
		head, body = append(append(c.loop.scratch[:0], head...), body...), nil
	}
	n, errno := send(c.fd, head, body)
	switch {
	case n == len(head)+len(body):
		return a.Notify && c.next(Event{Kind: Written})
	case errno != 0 && errno != unix.EAGAIN && errno != unix.EINTR:
		c.fail(errno)
		return false
	}
	if n < len(head) {
		c.head = append([]byte(nil), head[n:]...)
		n = len(head)
	}
	c.listenOutward()
	c.body = body[n-len(head):]
	if c.body != nil && len(c.body) == 0 {
		c.body = nil
	}
	return false
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
