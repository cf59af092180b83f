package sink

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/xdg-go/scram"
)

// A prover is a client's side of an exchange.
type prover interface {
	// answer gets a challenge; ok false cancels.
	answer(challenge string) (response string, ok bool)
}

type proverFunc func(challenge string) (string, bool)

func (f proverFunc) answer(challenge string) (string, bool) { return f(challenge) }

// prove carries an exchange through and returns the final reply.
func prove(t *testing.T, c *client, mechanism string, p prover) string {
	t.Helper()
	c.send("AUTH " + mechanism + "\r\n")
	for range 10 {
		said := c.said()
		encoded, isChallenge := strings.CutPrefix(strings.TrimSuffix(said, "\r\n"), "334 ")
		if !isChallenge {
			return said
		}
		challenge, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			t.Fatalf("challenge %q: %v", encoded, err)
		}
		response, ok := p.answer(string(challenge))
		if !ok {
			c.send("*\r\n")
			continue
		}
		c.send(base64.StdEncoding.EncodeToString([]byte(response)) + "\r\n")
	}
	t.Fatal("the exchange has no end")
	return ""
}

// answers are given one after the other, whatever the challenge.
func answers(all ...string) prover {
	return proverFunc(func(string) (string, bool) {
		next := all[0]
		all = all[1:]
		return next, true
	})
}

func crammed(user, password string) prover {
	return proverFunc(func(challenge string) (string, bool) {
		return user + " " + string(cramDigest(password, []byte(challenge))), true
	})
}

// scrammed is a foreign client, which also checks that the server knows the password.
func scrammed(t *testing.T, hash scram.HashGeneratorFcn, user, password string) prover {
	c, err := hash.NewClient(user, password, "")
	if err != nil {
		t.Fatal(err)
	}
	conversation := c.NewConversation()
	return proverFunc(func(challenge string) (string, bool) {
		if conversation.Valid() {
			return "", true
		}
		response, err := conversation.Step(challenge)
		return response, err == nil
	})
}

// saslProver is another foreign client.
func saslProver(c sasl.Client) prover {
	return proverFunc(func(challenge string) (string, bool) {
		if challenge == "" {
			_, initial, err := c.Start()
			return string(initial), err == nil
		}
		response, err := c.Next([]byte(challenge))
		return string(response), err == nil
	})
}

func bearerProver(user, token string) prover {
	return saslProver(sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: user, Token: token}))
}

func TestMechanismsCheckThePassword(t *testing.T) {
	config := Config{
		AuthInClear: true,
		Accounts:    []Account{{"user", "secret"}, {"ünï cöde", "pässwörd"}, {"tim", "tanstaaftanstaaf"}},
	}
	k := newSink(t, config)
	for _, test := range []struct {
		mechanism string
		proves    func(user, password string) prover
	}{
		{"PLAIN", func(u, p string) prover { return saslProver(sasl.NewPlainClient("", u, p)) }},
		{"LOGIN", func(u, p string) prover { return answers(u, p) }},
		{"CRAM-MD5", crammed},
		{"SCRAM-SHA-1", func(u, p string) prover { return scrammed(t, scram.SHA1, u, p) }},
		{"SCRAM-SHA-256", func(u, p string) prover { return scrammed(t, scram.SHA256, u, p) }},
		{"XOAUTH2", func(u, p string) prover { return answers("user="+u+"\x01auth=Bearer "+p+"\x01\x01", "") }},
		{"OAUTHBEARER", bearerProver},
	} {
		for _, who := range []struct{ user, password, want string }{
			{"user", "secret", "235 2.7.0 "},
			{"ünï cöde", "pässwörd", "235 2.7.0 "},
			{"user", "Secret", "535 5.7.8 "},
			{"user", "pässwörd", "535 5.7.8 "},
			{"nobody", "secret", "535 5.7.8 "},
		} {
			c := hello(t, k)
			got := prove(t, c, test.mechanism, test.proves(who.user, who.password))
			cancelled := who.want[:3] == "535" && test.mechanism == "OAUTHBEARER" && strings.HasPrefix(got, "501 5.7.0 ")
			if !strings.HasPrefix(got, who.want) && !cancelled {
				t.Errorf("%s as %s with %s: %q, want %s", test.mechanism, who.user, who.password, got, who.want)
			}
			c.send("NOOP\r\n")
			c.expect("250 2.0.0")
		}
	}
	n := k.Counters()
	if n.Authenticated != 7*2 || n.AuthFailures != 7*3 {
		t.Errorf("%d authenticated, %d failed, want 14 and 21", n.Authenticated, n.AuthFailures)
	}
	if text, _ := json.Marshal(n); strings.Contains(string(text), "secret") {
		t.Errorf("a password among the counters: %s", text)
	}
}

// RFC 2195 section 2.
func TestCRAMDigestOfTheRFC(t *testing.T) {
	got := cramDigest("tanstaaftanstaaf", []byte("<1896.697170952@postoffice.reston.mci.net>"))
	if want := "b913a602c7eda7a495b4e6e7334d3890"; string(got) != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestResponsesThatAreNotTheMechanisms(t *testing.T) {
	k := newSink(t, Config{AuthInClear: true, Accounts: []Account{{"user", "secret"}}})
	for _, test := range []struct {
		mechanism, want string
		p               prover
	}{
		{"CRAM-MD5", "501 5.5.2", answers("user")},
		{"CRAM-MD5", "535 5.7.8", answers("user 0")},
		{"LOGIN", "535 5.7.8", answers("", "")},
		{"XOAUTH2", "501 5.5.2", answers("user=user\x01auth=Bearer secret")},
		{"XOAUTH2", "501 5.5.2", answers("user=user\x01\x01")},
		{"SCRAM-SHA-1", "501 5.5.2", answers("n,,n=user")},
		{"SCRAM-SHA-1", "501 5.5.2", answers("n,,n=user,r=x", "c=biws,p=x")},
		{"SCRAM-SHA-1", "535 5.7.8", answers("p=tls-unique,,n=user,r=x")},
		{"SCRAM-SHA-1", "535 5.7.8", answers("n,a=other,n=user,r=x")},
	} {
		if got := prove(t, hello(t, k), test.mechanism, test.p); !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: %q, want %s", test.mechanism, got, test.want)
		}
	}
}

func TestPlaintextMechanismsNeedAPrivateConnection(t *testing.T) {
	k := newSink(t, Config{Accounts: []Account{{"user", "secret"}}})
	for address, want := range map[string]string{"192.0.2.1:99": "538", "127.0.0.1:99": "235", "[::1]:99": "235", "": "235"} {
		c := newClient(t, k)
		c.from(address)
		c.open()
		c.send("EHLO c.example\r\n")
		if said := c.said(); strings.Contains(said, " PLAIN") != (want == "235") {
			t.Errorf("%s is offered %q", address, said)
		}
		c.send("AUTH PLAIN AHVzZXIAc2VjcmV0\r\n")
		c.expect(want)
	}
}

func TestReadAccounts(t *testing.T) {
	got, err := ReadAccounts(strings.NewReader("# who\n\nuser:secret\r\nu@example.com:with:colon\n"))
	if err != nil || len(got) != 2 || got[0] != (Account{"user", "secret"}) || got[1] != (Account{"u@example.com", "with:colon"}) {
		t.Errorf("%v, %v", got, err)
	}
	for text, says := range map[string]string{"a:b\nhunter2\n": "line 2", ":hunter2": "line 1", "user:": "line 1"} {
		if _, err := ReadAccounts(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v, want it to name %s and nothing of a password", text, err, says)
		}
	}
	for _, c := range []Config{
		{Accounts: []Account{{"", "x"}}}, {Accounts: []Account{{"a", "hunter2\x00"}}}, {Accounts: []Account{{"a", "hunter2"}, {"a", "hunter2"}}},
		{RequireAuth: true}, {RequireTLS: true}, {ImplicitTLS: true}, {Mechanisms: []string{"PLAIN", "NTLM"}},
		{RequireAuth: true, Accounts: []Account{{"a", "hunter2"}}, Without: Auth},
	} {
		if err := c.Check(); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v, want a fault without a password", err)
		}
	}
}
