package login

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/xdg-go/scram"
)

// encoded is a challenge as it stands in a 334 reply.
func encoded(text string) []byte { return []byte(base64.StdEncoding.EncodeToString([]byte(text))) }

func decoded(t *testing.T, line []byte) string {
	t.Helper()
	text, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(string(line), "\r\n"))
	if err != nil {
		t.Fatalf("%q is not base64", line)
	}
	return string(text)
}

func begin(t *testing.T, u *User, mechanism string) *Exchange {
	t.Helper()
	x, err := (&Book{Users: []*User{u}, Mechanisms: []string{mechanism}}).Begin(u, Mechanisms(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestWhatEachMechanismSays(t *testing.T) {
	long := strings.Repeat("p", 400)
	for _, row := range []struct {
		name, mechanism string
		user            *User
		command         string
		dialogue        []string // challenge, answer, …
	}{
		{"PLAIN says all at once", "PLAIN", &User{Name: "user", Password: "secret"}, "AUTH PLAIN AHVzZXIAc2VjcmV0\r\n", nil},
		{"PLAIN waits where the line would be too long", "PLAIN", &User{Name: "user", Password: long}, "AUTH PLAIN\r\n",
			[]string{"", "\x00user\x00" + long}},
		{"LOGIN is asked twice", "LOGIN", &User{Name: "user", Password: "secret"}, "AUTH LOGIN\r\n",
			[]string{"Username:", "user", "Password:", "secret"}},
		{"LOGIN goes by the order of the prompts", "LOGIN", &User{Name: "user", Password: "secret"}, "AUTH LOGIN\r\n",
			[]string{"User Name\x00", "user", "", "secret"}},
		{"CRAM-MD5 as in RFC 2195", "CRAM-MD5", &User{Name: "tim", Password: "tanstaaftanstaaf"}, "AUTH CRAM-MD5\r\n",
			[]string{"<1896.697170952@postoffice.reston.mci.net>", "tim b913a602c7eda7a495b4e6e7334d3890"}},
		{"XOAUTH2 assents to a refusal with nothing", "XOAUTH2", &User{Name: "u@example.com", Password: "tok"},
			"AUTH XOAUTH2 dXNlcj11QGV4YW1wbGUuY29tAWF1dGg9QmVhcmVyIHRvawEB\r\n", []string{`{"status":"401"}`, ""}},
		{"OAUTHBEARER assents to a refusal with ^A", "OAUTHBEARER", &User{Name: "u=@example.com", Password: "tok"},
			"AUTH OAUTHBEARER " + string(encoded("n,a=u=3D@example.com,\x01auth=Bearer tok\x01\x01")) + "\r\n", []string{`{"status":"401"}`, "\x01"}},
		{"EXTERNAL names who it wants to be", "EXTERNAL", &User{Name: "user"}, "AUTH EXTERNAL dXNlcg==\r\n", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			x := begin(t, row.user, row.mechanism)
			if command, err := x.AppendCommand(nil); err != nil || string(command) != row.command {
				t.Fatalf("the command is %q, %v; want %q", command, err, row.command)
			}
			for i := 0; i < len(row.dialogue); i += 2 {
				answer, err := x.AppendAnswer(nil, encoded(row.dialogue[i]))
				if err != nil || decoded(t, answer) != row.dialogue[i+1] {
					t.Errorf("to %q it says %q, %v; want %q", row.dialogue[i], answer, err, row.dialogue[i+1])
				}
			}
			if err := x.Confirm(); err != nil {
				t.Errorf("a server that lets the user in is not believed: %v", err)
			}
			if answer, err := x.AppendAnswer(nil, encoded("and?")); err == nil {
				t.Errorf("a challenge too many is answered %q", answer)
			}
		})
	}
}

func TestAChallengeThatIsNotBase64EndsTheExchange(t *testing.T) {
	x := begin(t, &User{Name: "user", Password: "secret"}, "LOGIN")
	if _, err := x.AppendCommand(nil); err != nil {
		t.Fatal(err)
	}
	if answer, err := x.AppendAnswer(nil, []byte("Username:")); err == nil || !strings.Contains(err.Error(), "base64") {
		t.Errorf("it says %q, %v", answer, err)
	}
}

// The examples of RFC 5802 section 5 and RFC 7677 section 3.
func TestSCRAMAsInItsRFCs(t *testing.T) {
	for _, row := range []struct {
		mechanism                          string
		hash                               scram.HashGeneratorFcn
		nonce, first, challenge, answer, v string
	}{
		{"SCRAM-SHA-1", scram.SHA1, "fyko+d2lbbFgONRv9qkxdawL", "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
			"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
			"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="},
		{"SCRAM-SHA-256", scram.SHA256, "rOprNGfwEbeRWgbNEkqO", "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
			"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
			"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
			"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="},
	} {
		t.Run(row.mechanism, func(t *testing.T) {
			u := &User{Name: "user", Password: "pencil"}
			begin(t, u, row.mechanism) // makes the client, whose nonces are the RFC's from here on
			u.scram.derived[row.hash().Size()].client.WithNonceGenerator(func() string { return row.nonce })
			for _, slow := range []bool{true, false} {
				x := begin(t, u, row.mechanism)
				command, err := x.AppendCommand(nil)
				if want := "AUTH " + row.mechanism + " " + string(encoded(row.first)) + "\r\n"; err != nil || string(command) != want {
					t.Fatalf("the command is %q, %v; want %q", command, err, want)
				}
				if x.Slow(encoded(row.challenge)) != slow {
					t.Errorf("slow is %t, want %t: a key is derived once", !slow, slow)
				}
				if answer, err := x.AppendAnswer(nil, encoded(row.challenge)); err != nil || decoded(t, answer) != row.answer {
					t.Fatalf("the answer is %q, %v", answer, err)
				}
				if x.Confirm() == nil {
					t.Error("a server is believed that has shown nothing")
				}
				if answer, err := x.AppendAnswer(nil, encoded(row.v)); err != nil || string(answer) != "\r\n" || x.Confirm() != nil {
					t.Errorf("to the server's proof it says %q, %v; confirmed: %v", answer, err, x.Confirm())
				}
			}
		})
	}
}

func TestASCRAMServerThatIsNotBelieved(t *testing.T) {
	for _, row := range []struct{ name, challenge, says string }{
		{"has another nonce", "r=abc,s=QSXCR+Q6sek8bf92,i=4096", "nonce"},
		{"asks for too much work", "r=abc,s=QSXCR+Q6sek8bf92,i=1000001", "iterations"},
		{"asks for too little", "r={nonce}x,s=QSXCR+Q6sek8bf92,i=100", "iterations"},
		{"says something else", "hello", "SCRAM"},
	} {
		t.Run(row.name, func(t *testing.T) {
			x := begin(t, &User{Name: "user", Password: "pencil"}, "SCRAM-SHA-256")
			command, _ := x.AppendCommand(nil)
			_, nonce, _ := strings.Cut(decoded(t, command[len("AUTH SCRAM-SHA-256 "):]), "r=")
			if _, err := x.AppendAnswer(nil, encoded(strings.ReplaceAll(row.challenge, "{nonce}", nonce))); err == nil || !strings.Contains(err.Error(), row.says) {
				t.Errorf("the error is %v, want one about %q", err, row.says)
			}
		})
	}
}

// Sessions of one user that need the same key at once derive it once; a server with ever new salts fills nothing.
func TestKeysAreDerivedOnceAndForgotten(t *testing.T) {
	u := &User{Name: "user", Password: "pencil"}
	answer := func(salt string) {
		x := begin(t, u, "SCRAM-SHA-1")
		command, _ := x.AppendCommand(nil)
		_, nonce, _ := strings.Cut(decoded(t, command[len("AUTH SCRAM-SHA-1 "):]), "r=")
		if _, err := x.AppendAnswer(nil, encoded("r="+nonce+"x,s="+salt+",i=4096")); err != nil {
			t.Error(err)
		}
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { answer("QSXCR+Q6sek8bf92") })
	}
	all.Wait()
	for i := range 3 * mostKeys {
		answer(string(encoded("salt" + string(rune('a'+i)))))
	}
	if n := len(u.scram.derived[20].known); n > mostKeys {
		t.Errorf("%d keys are kept, want at most %d", n, mostKeys)
	}
}

func TestTheBestMechanismThatBothSidesKnow(t *testing.T) {
	u := &User{Name: "user", Password: "secret"}
	for _, row := range []struct {
		name            string
		wanted, offered []string
		want            []string // each after the one before was refused
	}{
		{"automatic: what shows the password to nobody comes first", nil, []string{"LOGIN", "PLAIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"},
			[]string{"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"}},
		{"automatic takes nothing that wants a token or a certificate", nil, []string{"EXTERNAL", "XOAUTH2", "OAUTHBEARER"}, nil},
		{"as asked for", []string{"login", "PLAIN"}, []string{"PLAIN", "LOGIN"}, []string{"LOGIN", "PLAIN"}},
		{"nothing in common", []string{"EXTERNAL"}, []string{"PLAIN"}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := &Book{Users: []*User{u}, Mechanisms: row.wanted}
			var got []string
			var x *Exchange
			for {
				next, err := b.Begin(u, row.offered, x)
				if err != nil {
					if !errors.Is(err, ErrNoMechanism) {
						t.Error(err)
					}
					break
				}
				x = next
				got = append(got, x.Mechanism())
			}
			if !slices.Equal(got, row.want) {
				t.Errorf("tried %v, want %v", got, row.want)
			}
		})
	}
}

func TestUsersAreUsedInTurn(t *testing.T) {
	users, err := ReadUsers(strings.NewReader("# who\n\na:1\r\nb@example.com:with:colon\nc:\n"))
	if err != nil || len(users) != 3 || users[0].Password != "1" || users[1].Password != "with:colon" || users[2].Password != "" {
		t.Fatalf("read %+v, %v", users, err)
	}
	perWorker, perSession := Book{Users: users}, Book{Users: users, PerSession: true}
	if got := perWorker.User(4, 11).Name + perSession.User(4, 11).Name; got != "b@example.comc" {
		t.Errorf("worker 4 in session 11 is %s", got)
	}
}

func TestWhatIsNoUsersFile(t *testing.T) {
	for _, row := range []struct{ text, says string }{
		{"hunter2", "line 1"}, {":hunter2", "line 1"}, {"a:b\nc:hunter2\x00\n", "line 2"}, {"a:" + strings.Repeat("x", 20000), "more than"}, {"# nobody\n", "no user"},
	} {
		if _, err := ReadUsers(strings.NewReader(row.text)); err == nil || !strings.Contains(err.Error(), row.says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%.20q: %v, want an error with %q and nothing of the password", row.text, err, row.says)
		}
	}
}

func TestAMechanismThatIsNotKnown(t *testing.T) {
	err := (&Book{Mechanisms: []string{"plain", "NTLM"}}).Check()
	if err == nil || !strings.Contains(err.Error(), `"NTLM" is not known; they are SCRAM-SHA-256`) {
		t.Error(err)
	}
}

func TestWhatAServerRepeatsIsHidden(t *testing.T) {
	u := &User{Name: "user", Password: "open sesame"}
	for _, row := range []struct{ name, mechanism, text, want string }{
		{"nothing", "PLAIN", "no such user", "no such user"},
		{"the initial response", "PLAIN", "cannot decode AHVzZXIAb3BlbiBzZXNhbWU=, sorry", "cannot decode [not shown], sorry"},
		{"a piece of it", "PLAIN", "unknown command AUTH PLAIN AHVzZXIAb3Blb...", "unknown command AUTH PLAIN [not shown]..."},
		{"the password, twice", "LOGIN", "open sesame? open sesame!", "[not shown]? [not shown]!"},
		{"a piece of an answer", "LOGIN", "bad response b3BlbiBzZXNh", "bad response [not shown]"},
		{"an answer to a challenge", "CRAM-MD5", "{answer} is wrong", "[not shown] is wrong"},
	} {
		t.Run(row.name, func(t *testing.T) {
			x := begin(t, u, row.mechanism)
			if _, err := x.AppendCommand(nil); err != nil {
				t.Fatal(err)
			}
			text := row.text
			answers := map[string]int{"CRAM-MD5": 1, "LOGIN": 2}[row.mechanism]
			for range answers {
				answer, err := x.AppendAnswer(nil, encoded("<1@example.com>"))
				if err != nil {
					t.Fatal(err)
				}
				text = strings.ReplaceAll(text, "{answer}", strings.TrimSpace(string(answer)))
			}
			if got := x.Hide(text); got != row.want {
				t.Errorf("%q is shown as %q, want %q", text, got, row.want)
			}
		})
	}
	if got := hide("a b a", "a"); got != "[not shown] b [not shown]" || hide("text", "") != "text" {
		t.Errorf("a short password is shown: %q", got)
	}
}
