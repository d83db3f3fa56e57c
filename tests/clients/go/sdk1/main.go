// The AWS SDK for Go, version 1: its metadata client and its default credentials.
package main

import (
	"encoding/json"
	"os"

	"github.com/aws/aws-sdk-go/aws/ec2metadata"
	"github.com/aws/aws-sdk-go/aws/session"
)

func main() {
	session := session.Must(session.NewSession())
	credentials, err := session.Config.Credentials.Get()
	check(err)
	metadata := ec2metadata.New(session)
	region, err := metadata.Region()
	check(err)
	identity, err := metadata.GetInstanceIdentityDocument()
	check(err)
	info, err := metadata.IAMInfo()
	check(err)
	tag, err := metadata.GetMetadata("tags/instance/Name")
	check(err)
	userData, err := metadata.GetUserData()
	check(err)
	check(json.NewEncoder(os.Stdout).Encode(map[string]string{
		"access_key":  credentials.AccessKeyID,
		"region":      region,
		"instance_id": identity.InstanceID,
		"profile":     info.InstanceProfileArn,
		"tag":         tag,
		"user_data":   userData,
	}))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
