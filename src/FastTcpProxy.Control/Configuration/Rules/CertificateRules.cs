using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Rules;

/// <summary>Checks that a certificate and its key can be used when the configuration is read, not only at the first handshake. Reads a
/// disk; one thread.</summary>
internal static class CertificateRules
{
    /// <param name="certificate">The path of the certificate's file; null: none.</param>
    /// <param name="key">The path of the key's file; null: the key is in the certificate's file.</param>
    public static void Check(string? certificate, string? key, ObjectReader reader, Key certFile, Key keyFile)
    {
        PemFiles files = reader.Context.PemFiles;
        if (certificate is not null && files.CertificateRefusal(certificate) is { } unreadable)
            reader.ReportFile(certFile, unreadable, "a PEM file with a certificate");
        else if (certificate is not null && reader.Sound(keyFile) && files.KeyRefusal(certificate, key ?? certificate) is { } unfit)
            reader.ReportFile(key is null ? certFile : keyFile, unfit, "a PEM file with the certificate's key, not encrypted");
        if (reader.Node.Find(certFile.Name) is null && reader.Own(keyFile) is { } lone)
            reader.Context.Problems.Error(lone.At, ConfigurationCodes.MissingKey,
                $"{lone.Value.Path} has no certificate, expected \"{certFile.Name}\" beside it");
    }
}
