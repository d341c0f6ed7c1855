using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>
/// The files of <c>tls</c> are looked into when the configuration is read. Owns a directory that goes away with it.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class HealthCheckFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fasttcpproxy-tls-").FullName;
    private readonly string _certificate;
    private readonly string _key;

    public HealthCheckFileTests() => (_certificate, _key) = MakeCertificate();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Files_RelativeToTheConfiguration_AreFoundAndAbsoluteInTheModel()
    {
        Create("ca.pem", _certificate + _certificate);
        Create("client.pem", "a comment\n" + _certificate);
        Directory.CreateDirectory(Path.Combine(_directory, "keys"));
        Create("keys/client.key", _key);

        ConfigurationResult result =
            Load("""  "verify": true, "caFile": "ca.pem", "certFile": "./client.pem", "keyFile": "keys/client.key" """);

        Assert.Empty(result.Errors);
        Assert.Empty(result.Warnings);
        CheckTls tls = result.Configuration!.Services[0].Upstreams[0].HealthCheck!.Tls;
        Assert.Equal(["ca.pem", "client.pem", "keys/client.key"],
            new[] { tls.CaFile!, tls.CertificateFile!, tls.KeyFile! }.Select(path => Path.GetRelativePath(_directory, path)));
        Assert.All(new[] { tls.CaFile!, tls.CertificateFile!, tls.KeyFile! }, path => Assert.True(Path.IsPathFullyQualified(path)));
    }

    [Fact]
    public void Files_OfConfigurationWithoutFolder_AreThoseOfTheCurrentDirectory()
    {
        ConfigurationError error = Given.OnlyError(Json("\"verify\": true, \"caFile\": \"no-such-file.pem\""));

        Assert.Equal("C047", error.Code);
        Create("ca.pem", _certificate);
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, Path.Combine(_directory, "ca.pem"));
        Given.Valid(Json($"\"verify\": true, \"caFile\": \"{relative}\""));
        Assert.Empty(ConfigurationLoader.Parse(
            System.Text.Encoding.UTF8.GetBytes(Json($"\"verify\": true, \"caFile\": \"{relative}\"")), "").Errors);
    }

    [Fact]
    public void KeyInTheCertificateFile_IsFound()
    {
        Create("both.pem", _key + _certificate);

        Assert.Empty(Load("\"certFile\": \"both.pem\"").Errors);
    }

    [Theory]
    [InlineData("\"verify\": true, \"caFile\": \"missing.pem\"", "caFile", "there is no such file")]
    [InlineData("\"verify\": true, \"caFile\": \"missing/ca.pem\"", "caFile", "there is no such file")]
    [InlineData("\"verify\": true, \"caFile\": \".\"", "caFile", "this is a directory")]
    [InlineData("\"verify\": true, \"caFile\": \"empty.pem\"", "caFile", "the file is empty, or a pipe or device")]
    [InlineData("\"verify\": true, \"caFile\": \"/dev/zero\"", "caFile", "the file is empty, or a pipe or device")]
    [InlineData("\"verify\": true, \"caFile\": \"key.pem\"", "caFile", "the file contains no certificate in PEM")]
    [InlineData("\"verify\": true, \"caFile\": \"damaged.pem\"", "caFile", "a certificate in the file is damaged")]
    [InlineData("\"certFile\": \"missing.pem\", \"keyFile\": \"key.pem\"", "certFile", "there is no such file")]
    [InlineData("\"certFile\": \"key.pem\", \"keyFile\": \"key.pem\"", "certFile", "the file contains no certificate in PEM")]
    [InlineData("\"certFile\": \"cert.pem\", \"keyFile\": \"missing.pem\"", "keyFile", "there is no such file")]
    [InlineData("\"certFile\": \"cert.pem\", \"keyFile\": \"cert.pem\"", "keyFile", "the file contains no key in PEM")]
    [InlineData("\"certFile\": \"cert.pem\"", "certFile", "the file contains no key in PEM")]
    [InlineData("\"certFile\": \"cert.pem\", \"keyFile\": \"other.pem\"", "keyFile", "does not belong to the first certificate")]
    [InlineData("\"certFile\": \"cert.pem\", \"keyFile\": \"damaged-key.pem\"", "keyFile", "the key is damaged")]
    [InlineData("\"certFile\": \"cert.pem\", \"keyFile\": \"encrypted.pem\"", "keyFile", "the key is encrypted")]
    public void File_ThatIsNoUse_IsErrorAtItsName(string keys, string key, string says)
    {
        Create("empty.pem", "");
        Create("cert.pem", _certificate);
        Create("key.pem", _key);
        Create("damaged.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        Create("damaged-key.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        Create("other.pem", MakeCertificate().Key);
        using (var encrypted = RSA.Create(2048))
            Create("encrypted.pem", encrypted.ExportEncryptedPkcs8PrivateKeyPem("p",
                new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1)));

        ConfigurationError error = Assert.Single(Load(keys).Errors);

        Assert.Equal("C047", error.Code);
        Assert.StartsWith($"services[0].healthCheck.tls.{key} is \"", error.Message);
        Assert.Contains(says, error.Message);
        Assert.Contains(", expected a PEM file with ", error.Message);
    }

    [Fact]
    public void File_AboveTheLimit_IsNotRead()
    {
        using (FileStream big = File.Create(Path.Combine(_directory, "big.pem")))
            big.SetLength(ConfigurationFile.BytesMax + 1);

        Assert.Contains("the file has 1048577 bytes", Assert.Single(Load("\"verify\": true, \"caFile\": \"big.pem\"").Errors).Message);
    }

    [Fact]
    public void KeyFile_WithoutCertificate_IsError()
    {
        Create("key.pem", _key);

        ConfigurationError error = Assert.Single(Load("\"keyFile\": \"key.pem\"").Errors);

        Assert.Equal(("C021", "services[0].healthCheck.tls.keyFile has no certificate, expected \"certFile\" beside it"),
            (error.Code, error.Message));
    }

    [Fact]
    public void CaFile_WithoutVerify_IsWarnedOfOnce()
    {
        string path = Create("ca.pem", _certificate);
        string json = GivenCheck.Both($$"""{ "url": "https://{host}/", "tls": { "caFile": "{{path}}" } }""",
            """{ "tls": { "serverName": "a.example" } }""");

        ConfigurationError warning = GivenCheck.Warning(json)!;

        Assert.Equal("C110", warning.Code);
        Assert.StartsWith("services[0].healthCheck.tls.caFile has no effect, because no certificate is verified", warning.Message);
        Assert.Null(GivenCheck.Warning(json.Replace("\"caFile\"", "\"verify\": true, \"caFile\"")));
    }

    private static string Json(string tls) => GivenCheck.Service($$"""{ "url": "https://{host}/", "tls": { {{tls}} } }""");

    private static (string Certificate, string Key) MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mail.example", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private ConfigurationResult Load(string tls) => ConfigurationLoader.Load(Create("a.json", Json(tls)));

    private string Create(string name, string content)
    {
        string path = Path.Combine(_directory, name);
        File.WriteAllText(path, content);
        return path;
    }
}
