import software.amazon.awssdk.auth.credentials.InstanceProfileCredentialsProvider;
import software.amazon.awssdk.regions.internal.util.EC2MetadataUtils;
import software.amazon.awssdk.regions.providers.InstanceProfileRegionProvider;

/** The AWS SDK for Java 2: credentials, region and the SDK's own reader of metadata. */
public class Client {
    public static void main(String[] arguments) {
        try (InstanceProfileCredentialsProvider provider = InstanceProfileCredentialsProvider.create()) {
            print("access_key", provider.resolveCredentials().accessKeyId());
        }
        print("region", new InstanceProfileRegionProvider().getRegion().id());
        print("instance_id", EC2MetadataUtils.getInstanceInfo().getInstanceId());
        print("tag", EC2MetadataUtils.getData("/latest/meta-data/tags/instance/Name"));
        print("user_data", EC2MetadataUtils.getUserData());
        print("addresses", String.join(" ", EC2MetadataUtils.getNetworkInterfaces().get(0).getPublicIPv4s()));
    }

    private static void print(String name, String value) {
        System.out.println(name + "=" + value.replace("\n", "\\n"));
    }
}
