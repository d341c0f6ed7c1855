using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Control.Configuration.Rules;

namespace FastTcpProxy.Control.Configuration.Keys.HealthChecks;

/// <summary>
/// The files of <c>tls</c> are checked when the configuration is read, not when the first handshake fails. Keys that need another key have
/// it. Reads a disk; one thread.
/// </summary>
internal static class CheckTlsRules
{
    public static void Check(CheckTls tls, ObjectReader reader)
    {
        if (tls.CaFile is not null && reader.Context.PemFiles.CertificateRefusal(tls.CaFile) is { } why)
            reader.ReportFile(CheckTlsKeys.CaFile, why, "a PEM file with certificates");
        CertificateRules.Check(tls.CertificateFile, tls.KeyFile, reader, CheckTlsKeys.CertFile, CheckTlsKeys.KeyFile);
        if (!tls.Verify && reader.Sound(CheckTlsKeys.Verify) && reader.Own(CheckTlsKeys.CaFile) is { } authorities)
            reader.Context.Problems.Warning(authorities.At, ConfigurationCodes.CheckKeyWithoutEffect,
                $"{authorities.Value.Path} has no effect, because no certificate is verified, expected \"verify\": true beside it");
    }
}
