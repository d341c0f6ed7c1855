using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>
/// The administrative interface on TCP: never without a token, never to other machines without TLS, and with files that hold what they
/// should.
/// </summary>
public sealed class AdminTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string Token = "0123456789abcdef";

    private readonly string _directory = Directory.CreateTempSubdirectory("fasttcpproxy-admin-").FullName;

    public AdminTests()
    {
        Create("token", Token + "\n");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=admin.example", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        Create("cert.pem", certificate.ExportCertificatePem());
        Create("key.pem", key.ExportPkcs8PrivateKeyPem());
        Create("both.pem", certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("\"listen\": [\"127.0.0.1:9470\", \"127.8.9.1:9470\", \"[::1]:9470\"], \"tokenFile\": \"token\"")]
    [InlineData("\"listen\": [\"127.0.0.1:9470\", \"192.0.2.1:9470\", \"[::]:9471\"], \"tokenFile\": \"token\", \"certFile\": "
        + "\"cert.pem\", \"keyFile\": \"key.pem\"")]
    [InlineData("\"listen\": [\"0.0.0.0:9470\"], \"tokenFile\": \"token\", \"certFile\": \"both.pem\"")]
    public void Listen_WithWhatItNeeds_IsTaken(string keys)
    {
        ConfigurationResult result = Load(keys);

        Assert.Empty(result.Errors);
        Assert.Empty(result.Warnings);
        Assert.Equal(Path.Combine(_directory, "token"), result.Configuration!.Admin!.TokenFile);
    }

    [Fact]
    public void Listen_OfBothFamilies_TakesIpv4WhereNobodyElseDoes()
    {
        const string keys = "\"tokenFile\": \"token\", \"certFile\": \"both.pem\", \"listen\": ";

        Assert.True(Assert.Single(Load(keys + "[\"[::]:9470\"]").Configuration!.Admin!.Listen).DualStack);
        Assert.Equal([false, false],
            Load(keys + "[\"[::]:9470\", \"0.0.0.0:9470\"]").Configuration!.Admin!.Listen.Select(listen => listen.DualStack));
    }

    [Theory]
    [InlineData("[\"127.0.0.1:9470\"]", "",
        "C052 admin.listen admits every client that can reach these addresses, expected \"tokenFile\" beside it")]
    [InlineData("[\"127.0.0.1:1\", \"[2001:db8::1]:9\"]", "\"tokenFile\": \"token\"",
        "C053 admin.listen[1] is \"[2001:db8::1]:9\", where the token would cross a network unencrypted, "
        + "expected \"certFile\" beside admin.listen, or a loopback address")]
    [InlineData("[\"0.0.0.0:9470\"]", "\"tokenFile\": \"token\"",
        "C053 admin.listen[0] is \"0.0.0.0:9470\", where the token would cross a network unencrypted, "
        + "expected \"certFile\" beside admin.listen, or a loopback address")]
    [InlineData("[\"0.0.0.0:9470\"]", "\"tokenFile\": \"token\", \"certFile\": \"cert.pem\"",
        "C047 admin.certFile is \"cert.pem\" (the file contains no key in PEM), "
        + "expected a PEM file with the certificate's key, not encrypted")]
    [InlineData("[\"0.0.0.0:9470\"]", "\"tokenFile\": \"token\", \"certFile\": \"none.pem\"",
        "C047 admin.certFile is \"none.pem\" (there is no such file), expected a PEM file with a certificate")]
    [InlineData("[\"0.0.0.0:9470\"]", "\"tokenFile\": \"token\", \"certFile\": \"cert.pem\", \"keyFile\": \"token\"",
        "C047 admin.keyFile is \"token\" (the file contains no key in PEM), expected a PEM file with the certificate's key, not encrypted")]
    [InlineData("[\"127.0.0.1:9470\"]", "\"tokenFile\": \"token\", \"keyFile\": \"key.pem\"",
        "C021 admin.keyFile has no certificate, expected \"certFile\" beside it")]
    [InlineData("[\"127.0.0.1:1000\"]", "\"tokenFile\": \"token\"", "C041 \"127.0.0.1:1000\" is already listened on at line 1, column ")]
    [InlineData("[\"127.0.0.1:9\", \"127.0.0.1:9\"]", "\"tokenFile\": \"token\"",
        "C041 \"127.0.0.1:9\" is already listened on at line 1, column ")]
    public void Listen_WithoutWhatItNeeds_IsOneError(string listen, string keys, string error)
    {
        ConfigurationError only = Assert.Single(Load($"\"listen\": {listen}{(keys.Length > 0 ? ", " : "")}{keys}").Errors);

        Assert.StartsWith(error, $"{only.Code} {only.Message}");
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(9, false)]
    public void Listen_IsBounded(int count, bool isTaken)
    {
        string listen = string.Join(", ", Enumerable.Range(1, count).Select(i => $"\"127.0.0.{i}:9470\""));

        Assert.Equal(isTaken ? [] : ["C033"], Load($"\"listen\": [{listen}], \"tokenFile\": \"token\"").Errors.Select(error => error.Code));
    }

    [Fact]
    public void Keys_WithoutListen_AreWarnedOf()
    {
        ConfigurationResult result = Load("\"socket\": \"/run/a\", \"stateDirectory\": \"/a\", \"tokenFile\": \"token\", \"certFile\": "
            + "\"cert.pem\", \"keyFile\": \"key.pem\"");

        Assert.Empty(result.Errors);
        Assert.Equal(["C112", "C112", "C112"], result.Warnings.Select(warning => warning.Code));
        Assert.StartsWith("admin.tokenFile has no effect", result.Warnings[0].Message);
    }

    [Theory]
    [InlineData(Token, Token)]
    [InlineData(Token + "\r\n", Token)]
    [InlineData("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\n", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")]
    public void Token_Sound_IsRead(string content, string token)
    {
        Assert.True(AdminTokenFile.TryRead(Create("t", content), out string? read, out _));
        Assert.Equal(token, read);
    }

    [Theory]
    [InlineData("", "the file is empty, or a pipe or device")]
    [InlineData("\n", "the token has 0 characters")]
    [InlineData("0123456789abcde\n", "the token has 15 characters")]
    [InlineData("0123456789 abcdef\n", "the token contains a space, or a character that is not visible ASCII")]
    [InlineData("0123456789abcdef\n\n", "the token contains a space, or a character that is not visible ASCII")]
    [InlineData("0123456789abcdé\n", "the token contains a space, or a character that is not visible ASCII")]
    [InlineData("0123456789abcde\0\n", "the token contains a space, or a character that is not visible ASCII")]
    public void Token_Unsound_IsRefused(string content, string why)
    {
        Assert.False(AdminTokenFile.TryRead(Create("t", content), out _, out string? said));
        Assert.Equal(why, said);
    }

    [Theory]
    [InlineData(512, "\r\n", null)]
    [InlineData(513, "", "the token has more than 512 characters")]
    [InlineData(516, "", "the file has 516 bytes")]
    public void Token_Length_IsBounded(int length, string end, string? why)
    {
        Assert.Equal(why is null, AdminTokenFile.TryRead(Create("t", new string('x', length) + end), out _, out string? said));
        Assert.Equal(why, said);
    }

    [Theory]
    [InlineData(OwnerOnly, null)]
    [InlineData(UnixFileMode.UserRead, null)]
    [InlineData(OwnerOnly | UnixFileMode.GroupRead, "0640")]
    [InlineData(OwnerOnly | UnixFileMode.GroupWrite, "0620")]
    [InlineData(OwnerOnly | UnixFileMode.GroupExecute, "0610")]
    [InlineData(OwnerOnly | UnixFileMode.OtherRead, "0604")]
    [InlineData(OwnerOnly | UnixFileMode.OtherWrite, "0602")]
    [InlineData(OwnerOnly | UnixFileMode.OtherExecute, "0601")]
    public void Token_Mode_IsTheOwnersOnly(UnixFileMode mode, string? seen)
    {
        File.SetUnixFileMode(Create("t", Token), mode);

        ConfigurationResult result = Load("\"listen\": [\"127.0.0.1:9470\"], \"tokenFile\": \"t\"");

        Assert.Equal(
            seen is null ? [] : [$"admin.tokenFile is \"t\" (its mode is {seen}, so users other than its owner may use it; "
            + "see chmod 0600), expected a file of mode 0600 with one line of 16 to 512 visible ASCII characters"],
            result.Errors.Select(error => error.Message));
    }

    [Fact]
    public void Token_MissingOrNoFile_IsOneErrorAtItsKey()
    {
        File.CreateSymbolicLink(Path.Combine(_directory, "link"), Path.Combine(_directory, "token"));

        Assert.Equal("C047", Assert.Single(Load("\"listen\": [\"127.0.0.1:9470\"], \"tokenFile\": \"none\"").Errors).Code);
        Assert.Equal("C047", Assert.Single(Load("\"listen\": [\"127.0.0.1:9470\"], \"tokenFile\": \".\"").Errors).Code);
        Assert.Equal("C047", Assert.Single(Load("\"listen\": [\"127.0.0.1:9470\"], \"tokenFile\": \"/dev/zero\"").Errors).Code);
        Assert.Empty(Load("\"listen\": [\"127.0.0.1:9470\"], \"tokenFile\": \"link\"").Errors);
    }

    [Fact]
    public void Load_StateDirectoryThatIsAFile_IsWarnedOf()
    {
        string file = Create("state", "");

        ConfigurationError warning = Assert.Single(Load($"\"stateDirectory\": \"{file}\"").Warnings);

        Assert.Equal("C116", warning.Code);
        Assert.Contains("which is a file: the overrides of operators can be neither read nor changed", warning.Message);
        Assert.Empty(Load($"\"stateDirectory\": \"{Path.GetDirectoryName(file)}\"").Warnings);
        Assert.Empty(Load($"\"stateDirectory\": \"{file}-of-later\"").Warnings);
    }

    private ConfigurationResult Load(string admin) => ConfigurationLoader.Load(Create("a.json", Given.Root($"\"admin\": {{ {admin} }}")));

    private string Create(string name, string content)
    {
        string path = Path.Combine(_directory, name);
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, OwnerOnly);
        return path;
    }
}
