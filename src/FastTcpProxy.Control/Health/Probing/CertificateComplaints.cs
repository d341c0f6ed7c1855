using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>Says in words why a certificate is not trusted. Pure functions, any thread.</summary>
public static class CertificateComplaints
{
    /// <summary>The names of a certificate that a text shows; a shared one can hold hundreds.</summary>
    private const int NamesMax = 4;

    private const X509ChainStatusFlags Untrusted = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;

    /// <summary>Everything that is wrong, the most important first; null when it is good.</summary>
    /// <param name="chain">As it was built for the certificate.</param>
    /// <param name="host">The host that it must name: a DNS name or an IP address.</param>
    /// <param name="nowUtc">By this clock the text tells whether it is too late or too early.</param>
    public static string? Describe(X509Certificate2? certificate, X509Chain? chain, string host, DateTime nowUtc)
    {
        if (certificate is null || chain is null) return "the server sends no certificate";
        List<string> complaints = [];
        X509ChainStatusFlags rest = X509ChainStatusFlags.NoError;
        for (int i = 0; i < chain.ChainElements.Count; i++)
        {
            X509ChainElement element = chain.ChainElements[i];
            foreach (X509ChainStatus status in element.ChainElementStatus)
            {
                if (status.Status.HasFlag(X509ChainStatusFlags.NotTimeValid))
                    complaints.Add(OutOfTime(element.Certificate, i == 0, nowUtc));
                rest |= status.Status;
            }
        }
        foreach (X509ChainStatus status in chain.ChainStatus) rest |= status.Status;

        if ((rest & Untrusted) != 0) complaints.Add(NotTrusted(certificate, chain));
        if (!Names(certificate, host)) complaints.Add(ForAnother(certificate, host));
        rest &= ~(Untrusted | X509ChainStatusFlags.NotTimeValid);
        if (rest != X509ChainStatusFlags.NoError) complaints.Add($"certificate is not valid ({rest})");
        return complaints.Count == 0 ? null : string.Join("; ", complaints);
    }

    /// <summary>That a certificate has expired, or is not valid yet; null: it is in its time.</summary>
    public static string? OutOfTime(X509Certificate2 certificate, DateTime nowUtc)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        bool isInTime = nowUtc >= certificate.NotBefore.ToUniversalTime() && nowUtc <= certificate.NotAfter.ToUniversalTime();
        return isInTime ? null : OutOfTime(certificate, isLeaf: true, nowUtc);
    }

    private static string OutOfTime(X509Certificate2 certificate, bool isLeaf, DateTime nowUtc)
    {
        string which = isLeaf ? "certificate" : "certificate of the issuer " + Wording.Quote(NameOf(certificate.SubjectName, certificate));
        DateTime from = certificate.NotBefore.ToUniversalTime();
        return nowUtc < from
            ? $"{which} is not valid before {Date(from)}"
            : $"{which} expired on {Date(certificate.NotAfter.ToUniversalTime())}";
    }

    private static string NotTrusted(X509Certificate2 certificate, X509Chain chain)
    {
        if (certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData)) return "certificate is self-signed";
        // The last one that is known names the issuer that is missing above it, or is a root that is not trusted.
        X509Certificate2 last = chain.ChainElements.Count > 0 ? chain.ChainElements[^1].Certificate : certificate;
        return $"certificate is issued by {Wording.Quote(NameOf(last.IssuerName, null))}, which is not trusted";
    }

    private static bool Names(X509Certificate2 certificate, string host)
    {
        try
        {
            return certificate.MatchesHostname(host, allowWildcards: true, allowCommonName: true);
        }
        catch (Exception e) when (e is ArgumentException or System.Security.Cryptography.CryptographicException)
        {
            // A host that is no name, or an extension that is no list of names: neither makes them fit.
            return false;
        }
    }

    private static string ForAnother(X509Certificate2 certificate, string host)
    {
        List<string> names = [];
        try
        {
            foreach (X509Extension extension in certificate.Extensions)
            {
                if (extension is not X509SubjectAlternativeNameExtension alternatives) continue;
                names.AddRange(alternatives.EnumerateDnsNames());
                names.AddRange(alternatives.EnumerateIPAddresses().Select(static (IPAddress address) => address.ToString()));
            }
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            // The common name is all that is left to say.
        }
        if (names.Count == 0) names.Add(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false));
        string shown = string.Join(", ", names.Take(NamesMax).Select(Wording.Shorten));
        string more = names.Count > NamesMax ? string.Create(CultureInfo.InvariantCulture, $" and {names.Count - NamesMax} more") : "";
        return $"certificate is not for {Wording.Shorten(host)} but for {shown}{more}";
    }

    private static string NameOf(X500DistinguishedName name, X509Certificate2? subject)
    {
        string? simple = subject?.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        return string.IsNullOrEmpty(simple) ? name.Name : simple;
    }

    private static string Date(DateTime utc) => utc.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
