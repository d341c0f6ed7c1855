using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Keys.HealthChecks;

/// <summary>
/// Checks across the keys of one <c>healthCheck</c>. Problems of an upstream's own <c>healthCheck</c> are only those of its own keys, not
/// of its service's. Pure, one thread.
/// </summary>
internal static class HealthCheckRules
{
    public static Key[] OfHttp { get; } =
    [
        HealthCheckKeys.Url, HealthCheckKeys.Method, HealthCheckKeys.Headers, HealthCheckKeys.Body,
        HealthCheckKeys.Tls,
    ];

    public static Key[] OfTcp { get; } = [HealthCheckKeys.Address, HealthCheckKeys.Send];

    public static void Check(HealthCheckDraft draft, ObjectReader reader)
    {
        if (!reader.Sound(HealthCheckKeys.Type))
            return;
        CheckType(draft, reader);
        if (draft.Type == CheckTypeSetting.None)
            return;
        CheckDuration(draft.Check, reader);
        if (draft.Type != CheckTypeSetting.Http)
            return;
        CheckHead(draft.Check, reader);
        if (draft.Url is not null && !CheckUrl.IsTls(draft.Url) && reader.Own(HealthCheckKeys.Tls) is { } tls)
            reader.Context.Problems.Warning(tls.At, ConfigurationCodes.CheckKeyWithoutEffect,
                $"{tls.Value.Path} has no effect, because the URL does not use TLS, expected a URL with \"https://\"");
    }

    /// <summary>Whether a check of this type can have the key.</summary>
    public static bool Fits(string key, CheckTypeSetting type) => type switch
    {
        CheckTypeSetting.Http => !Array.Exists(OfTcp, entry => entry.Name == key),
        CheckTypeSetting.Tcp => !Array.Exists(OfHttp, entry => entry.Name == key),
        _ => true,
    };

    private static void CheckType(HealthCheckDraft draft, ObjectReader reader)
    {
        foreach (NodeProperty property in reader.Node.Properties)
        {
            if (!property.Inherited && !Fits(property.Name, draft.Type))
                ReportOther(property, draft.Type, reader.Context);
        }
        NodeProperty? failStatus = reader.Node.Find(HealthCheckKeys.Expect.Name)?.Properties
            .Find(property => property.Name == CheckExpectationKeys.FailStatus.Name);
        if (draft.Type == CheckTypeSetting.Tcp && failStatus is { Inherited: false })
            ReportOther(failStatus, draft.Type, reader.Context);
    }

    private static void ReportOther(NodeProperty property, CheckTypeSetting type, BindingContext context)
    {
        string other = type == CheckTypeSetting.Http ? "tcp" : "http";
        string own = type == CheckTypeSetting.Http ? "http" : "tcp";
        context.Problems.Error(property.At, ConfigurationCodes.KeyOfOtherType,
            $"{property.Value.Path} belongs to a check of type \"{other}\" and this one is of type \"{own}\", expected keys of one type");
    }

    private static void CheckDuration(HealthCheckConfiguration check, ObjectReader reader)
    {
        if (!reader.Sound(HealthCheckKeys.Interval, HealthCheckKeys.Timeout))
            return;
        NodeProperty? place = reader.Own(HealthCheckKeys.Interval) ?? reader.Own(HealthCheckKeys.Timeout)
            ?? reader.Own(HealthCheckKeys.Probes);
        int probes = check.Probes.ProbesMax;
        TimeSpan longest = check.Timeout * probes + check.Probes.Delay * (probes - 1);
        if (place is null || longest <= check.Interval)
            return;
        string parts = probes == 1
            ? $"(timeout {DurationText.Write(check.Timeout)})"
            : $"({probes} probes with a timeout of {DurationText.Write(check.Timeout)}, {DurationText.Write(check.Probes.Delay)} apart)";
        reader.Context.Problems.Warning(place.Value.At, ConfigurationCodes.CheckLongerThanInterval,
            $"a check may take {DurationText.Write(longest)} {parts} and the next one waits for it, so checks are further apart than "
            + $"the interval of {DurationText.Write(check.Interval)}, expected a longer interval");
    }

    private static void CheckHead(HealthCheckConfiguration check, ObjectReader reader)
    {
        if (check.Method != "HEAD" || check.Expect.Body is null
            || (reader.Own(HealthCheckKeys.Method) ?? reader.Own(HealthCheckKeys.Expect)) is not { } place)
            return;
        reader.Context.Problems.Error(place.Value.At, ConfigurationCodes.CheckNeverGood,
            $"{place.Value.Path} makes every check fail, because the answer to HEAD has no body and expect.body requires one, expected "
            + "another method or no expect.body");
    }
}
