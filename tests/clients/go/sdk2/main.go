// The AWS SDK for Go, version 2: its metadata client, its default credentials and region.
package main

import (
	"context"
	"encoding/json"
	"io"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
)

func main() {
	ctx := context.Background()
	loaded, err := config.LoadDefaultConfig(ctx, config.WithEC2IMDSRegion())
	check(err)
	credentials, err := loaded.Credentials.Retrieve(ctx)
	check(err)
	client := imds.NewFromConfig(loaded)
	identity, err := client.GetInstanceIdentityDocument(ctx, nil)
	check(err)
	info, err := client.GetIAMInfo(ctx, nil)
	check(err)
	tag, err := client.GetMetadata(ctx, &imds.GetMetadataInput{Path: "tags/instance/Name"})
	check(err)
	userData, err := client.GetUserData(ctx, nil)
	check(err)
	check(json.NewEncoder(os.Stdout).Encode(map[string]string{
		"access_key":  credentials.AccessKeyID,
		"region":      loaded.Region,
		"instance_id": identity.InstanceID,
		"profile":     info.InstanceProfileArn,
		"tag":         text(tag.Content),
		"user_data":   text(userData.Content),
	}))
}

func text(content io.ReadCloser) string {
	bytes, err := io.ReadAll(content)
	check(err)
	return string(bytes)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
