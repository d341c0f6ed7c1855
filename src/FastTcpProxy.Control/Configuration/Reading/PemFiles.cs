using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>
/// Reads the certificate files that a configuration names, each once however many upstreams use it. It keeps what was wrong and no
/// key. One thread, one call of the loader; reads a disk.
/// </summary>
internal sealed class PemFiles
{
    private readonly Dictionary<string, string?> _certificates = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Certificate, string Key), string?> _keys = [];

    /// <summary>Why the file gives no certificate; or null.</summary>
    public string? CertificateRefusal(string path)
    {
        if (!_certificates.TryGetValue(path, out string? refusal))
            _certificates[path] = refusal = LookForCertificates(path);
        return refusal;
    }

    /// <summary>Why the file gives no key of the certificate, which is known to be one; or null.</summary>
    public string? KeyRefusal(string certificate, string key)
    {
        if (!_keys.TryGetValue((certificate, key), out string? refusal))
            _keys[(certificate, key)] = refusal = LookForKey(certificate, key);
        return refusal;
    }

    private static string? LookForCertificates(string path)
    {
        if (Read(path, out string text) is { } fault)
            return fault;
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
            return certificates.Count > 0 ? null : "the file contains no certificate in PEM";
        }
        catch (CryptographicException)
        {
            return "a certificate in the file is damaged";
        }
        finally
        {
            foreach (X509Certificate2 certificate in certificates)
                certificate.Dispose();
        }
    }

    private static string? LookForKey(string certificatePath, string keyPath)
    {
        if (Read(certificatePath, out string certificate) is { } gone)
            return gone;
        if (Read(keyPath, out string key) is { } unreadable)
            return unreadable;
        string? label = FindKey(key);
        if (label is null)
            return "the file contains no key in PEM";
        if (label.StartsWith("ENCRYPTED", StringComparison.Ordinal) || key.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
            return "the key is encrypted";
        try
        {
            X509Certificate2.CreateFromPem(certificate, key).Dispose();
            return null;
        }
        catch (Exception wrong) when (wrong is CryptographicException or ArgumentException)
        {
            return "the key is damaged, or does not belong to the first certificate";
        }
    }

    /// <summary>The label of the first block that holds a private key.</summary>
    private static string? FindKey(ReadOnlySpan<char> text)
    {
        while (PemEncoding.TryFind(text, out PemFields fields))
        {
            ReadOnlySpan<char> label = text[fields.Label];
            if (label.EndsWith("PRIVATE KEY"))
                return label.ToString();
            text = text[fields.Location.End..];
        }
        return null;
    }

    private static string? Read(string path, out string text)
    {
        byte[]? bytes = RegularFile.TryRead(path, ConfigurationFile.BytesMax, out ValueFault fault);
        text = bytes is null ? "" : Encoding.UTF8.GetString(bytes);
        return bytes is null ? fault.Why : null;
    }
}
