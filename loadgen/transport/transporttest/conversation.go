package transporttest

import "mailmill/loadgen/transport"

// A Func is a conversation written as a function.
type Func func(transport.Event) transport.Action

// Handle calls f.
func (f Func) Handle(e *transport.Event) transport.Action { return f(*e) }

// An On is a conversation with a function for each kind of event. A kind
// without one is answered as a polite peer would: Ended by Close, Broken and
// Closed by Done, all others by Wait.
type On map[transport.EventKind]func(transport.Event) transport.Action

// Handle calls the function for e.Kind.
func (o On) Handle(e *transport.Event) transport.Action {
	if f, ok := o[e.Kind]; ok {
		return f(*e)
	}
	switch e.Kind {
	case transport.Ended:
		return transport.Action{Do: transport.Close}
	case transport.Broken, transport.Closed:
		return transport.Action{Do: transport.Done}
	}
	return transport.Action{}
}

// always answers every event with a.
func always(a transport.Action) func(transport.Event) transport.Action {
	return func(transport.Event) transport.Action { return a }
}

func dial(e transport.Endpoint) transport.Action {
	return transport.Action{Do: transport.Dial, Dial: &e}
}

func write(s string) transport.Action {
	return transport.Action{Do: transport.Write, Head: []byte(s)}
}

func done() transport.Action { return transport.Action{Do: transport.Done} }

func hangUp(how transport.Closing) transport.Action {
	return transport.Action{Do: transport.Close, How: how}
}
