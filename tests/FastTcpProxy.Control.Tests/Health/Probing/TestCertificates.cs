using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <summary>
/// An authority of the test's own with certificates of all kinds for <see cref="Host"/> and 127.0.0.1, in memory and as files.
/// Made once for a class; owns its folder. Any thread.
/// </summary>
public sealed class TestCertificates : IDisposable
{
    public const string Host = "health.test";
    public const string AuthorityName = "The Authority of the Tests";

    public static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    public static readonly DateTimeOffset Past = Now.AddDays(-3);
    public static readonly DateTimeOffset Future = Now.AddDays(3);

    private readonly TempFolder _folder = new("certs");
    private readonly X509Certificate2 _authority;

    public TestCertificates()
    {
        _authority = MakeAuthority(AuthorityName);
        using var stranger = MakeAuthority("A Stranger");
        Good = Issue(_authority, Host, Now.AddDays(-10), Now.AddDays(10));
        Expired = Issue(_authority, Host, Now.AddDays(-10), Past);
        NotYetValid = Issue(_authority, Host, Future, Now.AddDays(10));
        ForAnother = Issue(_authority, "other.test", Now.AddDays(-10), Now.AddDays(10), address: false);
        OfStranger = Issue(stranger, Host, Now.AddDays(-10), Now.AddDays(10));
        SelfSigned = Issue(null, Host, Now.AddDays(-10), Now.AddDays(10));
        ExpiredForAnother = Issue(_authority, "other.test", Now.AddDays(-10), Past, address: false);
        Client = Issue(_authority, "client.test", Now.AddDays(-10), Now.AddDays(10));
        CaFile = _folder.Write("ca.pem", _authority.ExportCertificatePem());
        ClientFile = _folder.Write("client.pem", Client.ExportCertificatePem() + "\n");
        ClientKeyFile = _folder.Write("client.key", KeyPem(Client));
        ServerFile = _folder.Write("server.pem", Good.ExportCertificatePem());
        ServerKeyFile = _folder.Write("server.key", KeyPem(Good));
    }

    public X509Certificate2 Good { get; }

    public X509Certificate2 Expired { get; }

    public X509Certificate2 NotYetValid { get; }

    public X509Certificate2 ForAnother { get; }

    public X509Certificate2 OfStranger { get; }

    public X509Certificate2 SelfSigned { get; }

    public X509Certificate2 ExpiredForAnother { get; }

    public X509Certificate2 Client { get; }

    public string CaFile { get; }

    public string ClientFile { get; }

    public string ClientKeyFile { get; }

    public string ServerFile { get; }

    public string ServerKeyFile { get; }

    public string MissingFile => _folder["missing.pem"];

    public void Dispose()
    {
        foreach (var certificate in new[] { _authority, Good, Expired, NotYetValid, ForAnother, OfStranger, SelfSigned,
            ExpiredForAnother, Client })
            certificate.Dispose();
        _folder.Dispose();
    }

    private static string KeyPem(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    private static X509Certificate2 MakeAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(Now.AddDays(-20), Now.AddDays(20));
    }

    private static X509Certificate2 Issue(X509Certificate2? issuer, string host, DateTimeOffset from, DateTimeOffset to,
        bool address = true)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        if (address)
            names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        if (issuer is null)
            return request.CreateSelfSigned(from, to);
        using var certificate = request.Create(issuer, from, to, RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
