using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FastTcpProxy.Control.Configuration.Model;

namespace FastTcpProxy.Control.Health.Model;

/// <summary>
/// The identity of a check across processes and versions: equal for checks that send the same request and judge the answer in the same way.
/// The content of the files that it names does not count. Pure, any thread.
/// </summary>
public static class CheckFingerprint
{
    public static string Of(HealthCheckConfiguration check)
    {
        ArgumentNullException.ThrowIfNull(check);
        StringBuilder text = new();
        foreach (string? part in Parts(check))
        {
            // With its length, so that no two lists of parts make the same text.
            text.Append(CultureInfo.InvariantCulture, $"{part?.Length ?? -1}:{part};");
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16));
    }

    private static IEnumerable<string?> Parts(HealthCheckConfiguration check)
    {
        yield return check.Type.ToString();
        yield return check.Url?.AbsoluteUri;
        yield return check.Address?.Text;
        yield return check.Method;
        yield return Number(check.Headers.Length);
        foreach (CheckHeader header in check.Headers)
        {
            yield return header.Name;
            yield return header.Value;
        }
        yield return Convert.ToHexStringLower(check.Content.Items.AsSpan());
        yield return Number(check.Timeout.Ticks);
        yield return Number(check.Interval.Ticks);
        yield return Number(check.Probes.Successes);
        yield return Number(check.Probes.Failures);
        yield return Number(check.Probes.Delay.Ticks);
        foreach (StatusRange range in check.Expect.FailStatus) yield return $"{Number(range.First)}-{Number(range.Last)}";
        yield return check.Expect.Body is { } body ? $"{(body.Expression is null ? "text" : "pattern")} {body.Text}" : null;
        yield return check.Tls.Verify.ToString();
        yield return check.Tls.ServerName;
        yield return check.Tls.CaFile;
        yield return check.Tls.CertificateFile;
        yield return check.Tls.KeyFile;
        yield return check.ProxyHeader.ToString();
        // Only where there are any, so that other checks stay those of earlier versions.
        foreach (CheckStep step in check.Steps)
        {
            yield return Convert.ToHexStringLower(step.Send.Items.AsSpan());
            yield return step.Expect?.Text;
        }
        if (check.Helo is not null) yield return $"helo {check.Helo}";
        if (check.User is not null) yield return $"user {check.User}";
        if (check.UsesTls) yield return "tls";
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
