using FastTcpProxy.Control.Configuration.Binding;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Syntax;
using FastTcpProxy.Control.Configuration.Values;

namespace FastTcpProxy.Control.Configuration.Keys.HealthChecks;

/// <summary>
/// Checks across the keys of one <c>healthCheck</c>. Problems of an upstream's own <c>healthCheck</c> are only those of its own keys, not
/// of its service's. Pure, one thread.
/// </summary>
internal static class HealthCheckRules
{
    private static readonly Key[] OfHttp =
    [
        HealthCheckDescription.Url, HealthCheckDescription.Method, HealthCheckDescription.Headers, HealthCheckDescription.Body,
        HealthCheckDescription.Tls,
    ];

    private static readonly Key[] OfTcp = [HealthCheckDescription.Address, HealthCheckDescription.Send];

    public static void Check(HealthCheckDraft draft, ObjectReader reader)
    {
        if (!reader.Sound(HealthCheckDescription.Type))
            return;
        CheckType(draft, reader);
        if (draft.Type == CheckTypeSetting.None)
            return;
        CheckDuration(draft.Check, reader);
        if (draft.Type != CheckTypeSetting.Http)
            return;
        CheckHead(draft.Check, reader);
        if (draft.Url is not null && !CheckUrl.IsTls(draft.Url) && reader.Own(HealthCheckDescription.Tls) is { } tls)
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
        NodeProperty? failStatus = reader.Node.Find(HealthCheckDescription.Expect.Name)?.Properties
            .Find(property => property.Name == CheckExpectationDescription.FailStatus.Name);
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
        if (!reader.Sound(HealthCheckDescription.Interval, HealthCheckDescription.Timeout))
            return;
        NodeProperty? place = reader.Own(HealthCheckDescription.Interval) ?? reader.Own(HealthCheckDescription.Timeout)
            ?? reader.Own(HealthCheckDescription.Probes);
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
            || (reader.Own(HealthCheckDescription.Method) ?? reader.Own(HealthCheckDescription.Expect)) is not { } place)
            return;
        reader.Context.Problems.Error(place.Value.At, ConfigurationCodes.CheckNeverGood,
            $"{place.Value.Path} makes every check fail, because the answer to HEAD has no body and expect.body requires one, expected "
            + "another method or no expect.body");
    }
}
