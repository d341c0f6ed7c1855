using System.Security.Cryptography.X509Certificates;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Connections;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Health.Probing;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <summary>Which certificates are trusted, what the others are called, and the handshakes that fail.</summary>
public sealed class TlsTests(TestCertificates certificates) : IClassFixture<TestCertificates>
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    private static readonly string PastDate = TestCertificates.Past.UtcDateTime.ToString("yyyy-MM-dd");
    private static readonly string FutureDate = TestCertificates.Future.UtcDateTime.ToString("yyyy-MM-dd");

    private CheckTls Verified => new() { Verify = true, ServerName = TestCertificates.Host, CaFile = certificates.CaFile };

    [Fact]
    public async Task Verify_GoodCertificate_IsTrusted() => await ExpectAsync(certificates.Good, Verified, null, "status 200");

    [Fact]
    public async Task Verify_AddressInThePlaceOfAName_IsLookedForInTheCertificate()
    {
        await ExpectAsync(certificates.Good, Verified with { ServerName = null }, null, "status 200");
        await ExpectAsync(certificates.ForAnother, Verified with { ServerName = null }, ProbeFailure.Certificate,
            "certificate is not for 127.0.0.1 but for other.test");
    }

    [Fact]
    public async Task Verify_Expired_SaysWhen() =>
        await ExpectAsync(certificates.Expired, Verified, ProbeFailure.Certificate, $"certificate expired on {PastDate}");

    [Fact]
    public async Task Verify_NotYetValid_SaysWhen() =>
        await ExpectAsync(certificates.NotYetValid, Verified, ProbeFailure.Certificate, $"certificate is not valid before {FutureDate}");

    [Fact]
    public async Task Verify_ForAnotherName_SaysForWhich() => await ExpectAsync(
        certificates.ForAnother, Verified, ProbeFailure.Certificate, "certificate is not for health.test but for other.test");

    [Fact]
    public async Task Verify_SelfSigned_SaysSo() =>
        await ExpectAsync(certificates.SelfSigned, Verified, ProbeFailure.Certificate, "certificate is self-signed");

    [Fact]
    public async Task Verify_IssuedByAStranger_SaysByWhom() => await ExpectAsync(
        certificates.OfStranger, Verified, ProbeFailure.Certificate, "certificate is issued by \"CN=A Stranger\", which is not trusted");

    [Fact]
    public async Task Verify_AuthorityThatTheSystemDoesNotKnow_IsNotTrusted() => await ExpectAsync(
        certificates.Good, Verified with { CaFile = null }, ProbeFailure.Certificate,
        $"certificate is issued by \"CN={TestCertificates.AuthorityName}\", which is not trusted");

    [Fact]
    public async Task Verify_SeveralFaults_SaysAll() => await ExpectAsync(
        certificates.ExpiredForAnother, Verified, ProbeFailure.Certificate,
        $"certificate expired on {PastDate}; certificate is not for health.test but for other.test");

    [Fact]
    public async Task NoVerify_AnyCertificate_IsTaken()
    {
        foreach (var certificate in new[]
            { certificates.Good, certificates.Expired, certificates.NotYetValid, certificates.ForAnother, certificates.OfStranger,
                certificates.SelfSigned })
            await ExpectAsync(certificate, new CheckTls(), null, "status 200");
    }

    [Fact]
    public async Task Handshake_OriginSpeaksNoTls_Fails()
    {
        await using var http = new Origin(async connection =>
        {
            await connection.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n");
            await connection.HoldAsync();
        });

        var result = await Given.RunAsync(Given.Http($"https://{http.EndPoint}/"));

        Assert.Equal(ProbeFailure.Tls, result.Failure);
        Assert.Equal("TLS failed: the server answered without TLS; does it speak TLS on this port?", result.Text);
    }

    [Fact]
    public async Task Handshake_OriginCloses_IsDisconnected()
    {
        await using var origin = new Origin(async connection => await connection.ReadExactlyAsync(100));

        var result = await Given.RunAsync(Given.Http($"https://{origin.EndPoint}/"));

        Assert.Equal(ProbeFailure.Disconnected, result.Failure);
        Assert.EndsWith(" in TLS", result.Text);
    }

    [Fact]
    public async Task Handshake_WithoutEnd_IsCutAtTheBound()
    {
        // Records of a handshake message that claims to be 16 MiB long.
        await using var origin = new Origin(async connection =>
        {
            await connection.SendAsync("\x16\x03\x03\x40\x00\x02\xff\xff\xff" + new string('\x03', 0x4000 - 4));
            await connection.SendForeverAsync("\x16\x03\x03\x40\x00" + new string('\x03', 0x4000));
        });

        var result = await Given.RunAsync(Given.Http($"https://{origin.EndPoint}/"));

        Assert.True(result.Failure is ProbeFailure.Tls or ProbeFailure.TooLarge, result.ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ClientCertificate_IsSeenByTheOrigin(bool keyInAFileOfItsOwn)
    {
        var seen = "";
        await using var origin = new Origin(
            async connection =>
            {
                seen = connection.ClientCertificate!.Subject;
                await connection.ReadHeadAsync();
                await connection.SendAsync(Ok);
                await connection.HoldAsync();
            },
            certificates.Good,
            asksForCertificate: true);
        var both = certificates.ClientFile + "-with-key";
        await File.WriteAllTextAsync(both,
            await File.ReadAllTextAsync(certificates.ClientFile) + await File.ReadAllTextAsync(certificates.ClientKeyFile));

        var result = await Given.RunAsync(Given.Http(origin) with
        {
            Tls = keyInAFileOfItsOwn
                ? new CheckTls { CertificateFile = certificates.ClientFile, KeyFile = certificates.ClientKeyFile }
                : new CheckTls { CertificateFile = both },
        });

        Assert.Equal((null, "CN=client.test"), (result.Failure, seen));
    }

    [Fact]
    public async Task File_ThatIsMissing_IsNamedAndReadWhenItComes()
    {
        await using var origin = Origin.Answering(Ok, certificates.Good);
        File.Delete(certificates.MissingFile);
        using var probe = Given.Probe(Given.Http(origin) with { Tls = Verified with { CaFile = certificates.MissingFile } });

        var result = await probe.RunAsync(CancellationToken.None);
        Assert.Equal(ProbeFailure.Fault, result.Failure);
        Assert.StartsWith($"the file {certificates.MissingFile} cannot be used: ", result.Text);

        File.Copy(certificates.CaFile, certificates.MissingFile);
        Assert.Null((await probe.RunAsync(CancellationToken.None)).Failure);
    }

    [Fact]
    public void Files_UsedBySeveralChecks_AreInMemoryOnce()
    {
        var files = new CertificateFiles();
        var first = files.Authorities(certificates.CaFile);

        Assert.Same(first, files.Authorities(certificates.CaFile));
        Assert.Same(
            files.Identity(certificates.ClientFile, certificates.ClientKeyFile),
            files.Identity(certificates.ClientFile, certificates.ClientKeyFile));
        GC.KeepAlive(first);
    }

    [Fact]
    public void Names_MoreThanAreShown_AreCounted()
    {
        using var key = System.Security.Cryptography.ECDsa.Create();
        var request = new CertificateRequest("CN=shared", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var i in Enumerable.Range(1, 6))
            names.AddDnsName($"n{i}.test");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var chain = new X509Chain { ChainPolicy =
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { certificate }, RevocationMode = X509RevocationMode.NoCheck,
        } };
        chain.Build(certificate);

        Assert.Equal(
            "certificate is not for a.test but for n1.test, n2.test, n3.test, n4.test and 2 more",
            CertificateComplaints.Describe(certificate, chain, "a.test", DateTime.UtcNow));
        Assert.Null(CertificateComplaints.Describe(certificate, chain, "n6.test", DateTime.UtcNow));
    }

    private static async Task ExpectAsync(X509Certificate2 certificate, CheckTls tls, ProbeFailure? expected, string text)
    {
        await using var origin = Origin.Answering(Ok, certificate);
        var result = await Given.RunAsync(Given.Http(origin) with { Tls = tls });
        Assert.Equal((expected, text), (result.Failure, result.Text));
    }
}
