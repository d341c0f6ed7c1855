using FastTcpProxy.Control.Configuration.Binding;
using FastTcpProxy.Control.Configuration.Files;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Keys.HealthChecks;

/// <summary>
/// The files of <c>tls</c> hold what they should, at the time of the check and not when the first handshake fails; and keys that need
/// another one have it. Reads a disk; one thread.
/// </summary>
internal static class CheckTlsRules
{
    public static void Check(CheckTls tls, ObjectReader reader)
    {
        PemFiles files = reader.Context.PemFiles;
        if (tls.CaFile is not null && files.CertificateRefusal(tls.CaFile) is { } why)
            reader.ReportFile(CheckTlsDescription.CaFile, why, "a PEM file with certificates");
        if (tls.CertificateFile is not null && files.CertificateRefusal(tls.CertificateFile) is { } unreadable)
            reader.ReportFile(CheckTlsDescription.CertFile, unreadable, "a PEM file with a certificate");
        else if (tls.CertificateFile is not null && reader.Sound(CheckTlsDescription.KeyFile)
            && files.KeyRefusal(tls.CertificateFile, tls.KeyFile ?? tls.CertificateFile) is { } unfit)
            reader.ReportFile(tls.KeyFile is null ? CheckTlsDescription.CertFile : CheckTlsDescription.KeyFile, unfit,
                "a PEM file with the certificate's key, not encrypted");
        if (reader.Node.Find(CheckTlsDescription.CertFile.Name) is null && reader.Own(CheckTlsDescription.KeyFile) is { } key)
            reader.Context.Problems.Error(key.At, ConfigurationCodes.MissingKey,
                $"{key.Value.Path} is the key of no certificate, expected \"certFile\" beside it");
        if (!tls.Verify && reader.Sound(CheckTlsDescription.Verify) && reader.Own(CheckTlsDescription.CaFile) is { } authorities)
            reader.Context.Problems.Warning(authorities.At, ConfigurationCodes.CheckKeyWithoutEffect,
                $"{authorities.Value.Path} has no effect, because no certificate is verified, expected \"verify\": true beside it");
    }
}
