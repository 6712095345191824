// A referee: cosign's own verification of bundles, the function that `cosign verify-blob` calls, one case a
// line in, one verdict a line out.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"github.com/sigstore/cosign/v3/pkg/cosign"
	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"
	"github.com/sigstore/sigstore/pkg/cryptoutils"
	"github.com/sigstore/sigstore/pkg/signature"
)

type question struct {
	Bundle   []byte  `json:"bundle"`
	Artifact *[]byte `json:"artifact"`
	Digest   *struct {
		Algorithm string `json:"algorithm"`
		Hex       string `json:"hex"`
	} `json:"digest"`
	Identity string `json:"identity"`
	Issuer   string `json:"issuer"`
	Key      string `json:"key"`
	Hash     string `json:"hash"`
	Root     string `json:"root"`
	Log      bool   `json:"log"`
	SCT      bool   `json:"sct"`
}

type answer struct {
	Verdict string `json:"verdict"`
	Reason  string `json:"reason,omitempty"`
}

var roots = map[string]*root.TrustedRoot{}

func trustedRoot(path string) (*root.TrustedRoot, error) {
	if known, ok := roots[path]; ok {
		return known, nil
	}
	read, err := root.NewTrustedRootFromPath(path)
	if err == nil {
		roots[path] = read
	}
	return read, err
}

func judge(line []byte) (err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err = fmt.Errorf("panic: %v", caught)
		}
	}()
	var asked question
	if err := json.Unmarshal(line, &asked); err != nil {
		return err
	}
	trusted, err := trustedRoot(asked.Root)
	if err != nil {
		return err
	}
	// As the flags of `cosign verify-blob` set them.
	options := &cosign.CheckOpts{
		TrustedMaterial:     trusted,
		NewBundleFormat:     true,
		IgnoreTlog:          !asked.Log,
		UseSignedTimestamps: !asked.Log,
		IgnoreSCT:           !asked.SCT,
	}
	if asked.Key != "" {
		options.SigVerifier, err = publicKey(asked.Key, asked.Hash)
		if err != nil {
			return err
		}
	} else {
		options.Identities = []cosign.Identity{{Subject: asked.Identity, Issuer: asked.Issuer}}
	}
	var read bundle.Bundle
	if err := read.UnmarshalJSON(asked.Bundle); err != nil {
		return err
	}
	artifact, err := artifactOf(asked)
	if err != nil {
		return err
	}
	_, err = cosign.VerifyNewBundle(context.Background(), options, artifact, &read)
	return err
}

var hashes = map[string]crypto.Hash{"sha256": crypto.SHA256, "sha384": crypto.SHA384, "sha512": crypto.SHA512}

func publicKey(path, hash string) (signature.Verifier, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := cryptoutils.UnmarshalPEMToPublicKey(pem)
	if err != nil {
		return nil, err
	}
	return signature.LoadVerifier(key, hashes[hash])
}

func artifactOf(asked question) (verify.ArtifactPolicyOption, error) {
	if asked.Artifact != nil {
		return verify.WithArtifact(bytes.NewReader(*asked.Artifact)), nil
	}
	digest, err := hex.DecodeString(asked.Digest.Hex)
	return verify.WithArtifactDigest(asked.Digest.Algorithm, digest), err
}

func main() {
	input := bufio.NewReader(os.Stdin)
	output := json.NewEncoder(os.Stdout)
	for {
		line, err := input.ReadBytes('\n')
		if err != nil {
			return
		}
		said := answer{Verdict: "accept"}
		if err := judge(line); err != nil {
			said = answer{Verdict: "reject", Reason: err.Error()}
		}
		if err := output.Encode(said); err != nil {
			return
		}
	}
}
