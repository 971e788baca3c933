// Receives webhooks from Punctual with nothing but the standard library. Copy sign and verify; the rest is one way to
// use them.
//
//	WEBHOOK_SECRET=whsec_... PORT=8080 go run receiver.go
package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	tolerance   = 5 * time.Minute
	largestBody = 1 << 20
)

// sign gives the signature of a message, as it stands in webhook-signature.
func sign(secret, id, timestamp string, body []byte) (string, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) == 0 {
		return "", errors.New("the secret is not whsec_ and base64")
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, timestamp, body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}

// verify says whether a request comes from who knows the secret, and is fresh. The body is the bytes as they came in,
// before any parsing.
func verify(secret string, header http.Header, body []byte, now time.Time) bool {
	id, timestamp := header.Get("webhook-id"), header.Get("webhook-timestamp")
	seconds, err := strconv.ParseUint(timestamp, 10, 40)
	if id == "" || err != nil {
		return false
	}
	if age := now.Sub(time.Unix(int64(seconds), 0)); age > tolerance || age < -tolerance {
		return false
	}
	expected, err := sign(secret, id, timestamp, body)
	if err != nil {
		return false
	}
	// During a rotation there are two signatures, and one that fits is enough. Other versions never fit.
	for _, given := range strings.Split(header.Get("webhook-signature"), " ") {
		if hmac.Equal([]byte(given), []byte(expected)) {
			return true
		}
	}
	return false
}

// handle is what you do with an event. It may come again: keep the id together with what you do, and do it once.
func handle(id string, body []byte) error {
	var event struct {
		Type string          `json:"type"`
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(body, &event); err != nil {
		return err
	}
	fmt.Println(id, event.Type)
	return nil
}

func receive(w http.ResponseWriter, r *http.Request, secret string) int {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestBody))
	if err != nil {
		return http.StatusRequestEntityTooLarge
	}
	if !verify(secret, r.Header, body, time.Now()) {
		return http.StatusUnauthorized
	}
	if err := handle(r.Header.Get("webhook-id"), body); err != nil {
		log.Print(err)
		return http.StatusInternalServerError // Punctual tries again later.
	}
	return http.StatusNoContent
}

func serve() error {
	secret := os.Getenv("WEBHOOK_SECRET")
	// A secret that cannot be used is found now, not with the first event.
	if _, err := sign(secret, "", "", nil); err != nil {
		return err
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		return err
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	handler := func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(receive(w, r, secret)) }
	server := &http.Server{Handler: http.HandlerFunc(handler), ReadTimeout: 10 * time.Second}
	return server.Serve(listener)
}

// check reads lines of base64 fields with tabs between them (secret, id, timestamp, signature, body, now) and answers
// each with ok or no.
func check() error {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, largestBody)
	for lines.Scan() {
		var fields [6][]byte
		for i, field := range strings.SplitN(lines.Text(), "\t", len(fields)) {
			fields[i], _ = base64.StdEncoding.DecodeString(field)
		}
		header := http.Header{}
		header.Set("webhook-id", string(fields[1]))
		header.Set("webhook-timestamp", string(fields[2]))
		header.Set("webhook-signature", string(fields[3]))
		now, _ := strconv.ParseInt(string(fields[5]), 10, 64)
		if verify(string(fields[0]), header, fields[4], time.Unix(now, 0)) {
			fmt.Println("ok")
		} else {
			fmt.Println("no")
		}
	}
	return lines.Err()
}

func main() {
	run := serve
	if len(os.Args) > 1 && os.Args[1] == "--check" {
		run = check
	}
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
