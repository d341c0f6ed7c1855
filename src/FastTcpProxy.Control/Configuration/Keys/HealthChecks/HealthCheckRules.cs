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
    private static readonly CheckType[] Http = [CheckType.Http];
    private static readonly CheckType[] Tcp = [CheckType.Tcp];

    /// <summary>The keys that not every type has, and the types that have them.</summary>
    private static readonly Dictionary<string, CheckType[]> Types = new(StringComparer.Ordinal)
    {
        [HealthCheckKeys.Url.Name] = Http,
        [HealthCheckKeys.Method.Name] = Http,
        [HealthCheckKeys.Headers.Name] = Http,
        [HealthCheckKeys.Body.Name] = Http,
        [HealthCheckKeys.Address.Name] =
        [
            CheckType.Tcp, CheckType.Smtp, CheckType.Imap, CheckType.Pop3, CheckType.Mysql,
            CheckType.Postgresql,
        ],
        [HealthCheckKeys.Send.Name] = Tcp,
        [HealthCheckKeys.Steps.Name] = Tcp,
        [HealthCheckKeys.Expect.Name] = [CheckType.Http, CheckType.Tcp],
        [HealthCheckKeys.Helo.Name] = [CheckType.Smtp],
        [HealthCheckKeys.User.Name] = [CheckType.Mysql, CheckType.Postgresql],
        [HealthCheckKeys.Tls.Name] =
            [CheckType.Http, CheckType.Tcp, CheckType.Smtp, CheckType.Imap, CheckType.Pop3],
    };

    public static void Check(HealthCheckDraft draft, ObjectReader reader)
    {
        if (!reader.Sound(HealthCheckKeys.Type))
            return;
        CheckKeysOfType(draft, reader);
        CheckSteps(reader);
        if (draft.Type == CheckType.None)
            return;
        CheckDuration(draft.Check, reader);
        if (draft.Type != CheckType.Http)
            return;
        CheckHead(draft.Check, reader);
        if (draft.Url is not null && !CheckUrl.IsTls(draft.Url) && reader.Own(HealthCheckKeys.Tls) is { } tls)
            reader.Context.Problems.Warning(tls.At, ConfigurationCodes.CheckKeyWithoutEffect,
                $"{tls.Value.Path} has no effect, because the URL does not use TLS, expected a URL with \"https://\"");
    }

    /// <summary>Whether a check of this type can have the key.</summary>
    public static bool Fits(string key, CheckType type) =>
        type == CheckType.None || !Types.TryGetValue(key, out CheckType[]? types) || types.Contains(type);

    /// <summary>Whether a check can have both keys: steps stand for the others.</summary>
    public static bool Agree(string key, string other) =>
        !(key == HealthCheckKeys.Steps.Name && IsReplacedBySteps(other))
        && !(other == HealthCheckKeys.Steps.Name && IsReplacedBySteps(key));

    /// <summary>The types, as the file writes them, with the keys that each cannot have.</summary>
    public static IEnumerable<(string Type, IEnumerable<string> Others)> OtherKeys =>
        from type in Enum.GetValues<CheckType>()
        where type != CheckType.None
        select (Word(type), Types.Keys.Where(key => !Fits(key, type)));

    private static bool IsReplacedBySteps(string key) => key == HealthCheckKeys.Send.Name || key == HealthCheckKeys.Expect.Name;

    private static void CheckSteps(ObjectReader reader)
    {
        if (reader.Node.Find(HealthCheckKeys.Steps.Name) is null)
            return;
        foreach (NodeProperty property in reader.Node.Properties.Where(entry => IsReplacedBySteps(entry.Name) && !entry.Inherited))
            reader.Context.Problems.Error(property.At, ConfigurationCodes.StepsBesideOthers,
                $"{property.Value.Path} stands beside \"{HealthCheckKeys.Steps.Name}\", which replaces it, expected a step for it, or no "
                + "steps");
    }

    private static void CheckKeysOfType(HealthCheckDraft draft, ObjectReader reader)
    {
        foreach (NodeProperty property in reader.Node.Properties)
        {
            if (!property.Inherited && !Fits(property.Name, draft.Type))
                ReportOther(property, Types[property.Name], draft.Type, reader.Context);
        }
        NodeProperty? failStatus = reader.Node.Find(HealthCheckKeys.Expect.Name)?.Properties
            .Find(property => property.Name == CheckExpectationKeys.FailStatus.Name);
        if (draft.Type == CheckType.Tcp && failStatus is { Inherited: false })
            ReportOther(failStatus, Http, draft.Type, reader.Context);
    }

    private static void ReportOther(NodeProperty property, CheckType[] types, CheckType type, BindingContext context) =>
        context.Problems.Error(property.At, ConfigurationCodes.KeyOfOtherType,
            $"{property.Value.Path} belongs to a check of type {Wording.Choice([.. types.Select(Word)])} and this one is of type "
            + $"\"{Word(type)}\", expected keys of one type");

    /// <summary>The type as the file writes it.</summary>
    private static string Word(CheckType type) => type.ToString().ToLowerInvariant();

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
