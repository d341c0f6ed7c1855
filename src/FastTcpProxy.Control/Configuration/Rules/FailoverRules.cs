using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Configuration.Rules;

/// <summary>What the keys that avoid a wait for an upstream need of others. Pure, any thread.</summary>
internal static class FailoverRules
{
    public static void Check(ServiceConfiguration service, Func<string, Position> at, BindingContext context)
    {
        ServiceSettings settings = service.Settings;
        if (settings.Hedge is { } hedge) CheckDelays(hedge, settings.ConnectTimeout, at("hedge"), context);
        if (settings.Suspect is { } held) CheckHolds("suspect", held.Hold, held.HoldMax, at("suspect"), context);
        if (settings.Passive is { } ejected) CheckHolds("passive", ejected.Hold, ejected.HoldMax, at("passive"), context);
        (string Key, bool IsOn)[] keys =
        [
            ("hedge", settings.Hedge is not null), ("suspect", settings.Suspect is not null),
            ("passive", settings.Passive is not null), ("failback", settings.Failback is not null),
            ("retryOnReset", settings.RetryOnReset != ResetRetry.Never),
        ];
        foreach ((string key, bool isOn) in keys)
        {
            if (isOn && service.Upstreams.Length == 1)
                context.Problems.Warning(at(key), ConfigurationCodes.FailoverKeyWithoutEffect,
                    $"{key} has no effect with one upstream, expected two or more");
        }
        if (settings.Passive is { } places && service.Upstreams.Length > 1 && places.Keep >= service.Upstreams.Length)
            context.Problems.Warning(at("passive"), ConfigurationCodes.FailoverKeyWithoutEffect,
                $"passive has no effect: keep is {places.Keep}, and each upstream has {service.Upstreams.Length - 1} beside it, "
                + "expected at most that");
        if (settings.Hedge is { Delay: { } fixedDelay } given
            && (given.DelayMin, given.DelayMax) != (HedgePolicy.Default.DelayMin, HedgePolicy.Default.DelayMax))
            context.Problems.Warning(at("hedge"), ConfigurationCodes.FailoverKeyWithoutEffect,
                $"hedge.delayMin and hedge.delayMax have no effect with a delay of {DurationText.Write(fixedDelay)}, "
                + "expected \"delay\": \"auto\", or the delay alone");
        if (settings is { Suspect: not null, Hedge: null } && service.Upstreams.Length > 1)
            context.Problems.Warning(at("suspect"), ConfigurationCodes.FailoverKeyWithoutEffect,
                "suspect without hedge: the clients that find an upstream silent still wait for connectTimeout, "
                + "expected \"hedge\": true beside it");
        if (service.Upstreams.Length > 1) CheckRetry(service, at("retryOnReset"), context);
    }

    /// <summary>How long an upstream may be waited for alone, and the key that says so.</summary>
    public static (string Key, TimeSpan Delay) LongestDelay(HedgePolicy hedge) =>
        hedge.Delay is { } delay ? ("hedge.delay", delay) : ("hedge.delayMax", hedge.DelayMax);

    private static void CheckRetry(ServiceConfiguration service, Position at, BindingContext context)
    {
        if (service.Settings.RetryOnReset == ResetRetry.Never || service.Upstreams.Any(u => u.Mode == HeaderMode.Raw)) return;
        context.Problems.Warning(at, ConfigurationCodes.FailoverKeyWithoutEffect,
            "retryOnReset has no effect, because every upstream is sent a PROXY header as soon as it has accepted, "
            + "expected an upstream with \"mode\": \"raw\"");
    }

    private static void CheckHolds(string key, TimeSpan hold, TimeSpan holdMax, Position at, BindingContext context)
    {
        if (hold > holdMax)
            context.Problems.Error(at, ConfigurationCodes.FailoverTimes,
                $"{key}.hold ({DurationText.Write(hold)}) is longer than {key}.holdMax ({DurationText.Write(holdMax)}), "
                + "expected at most that");
    }

    private static void CheckDelays(HedgePolicy hedge, TimeSpan connectTimeout, Position at, BindingContext context)
    {
        (string key, TimeSpan longest) = LongestDelay(hedge);
        if (longest >= connectTimeout)
            context.Problems.Error(at, ConfigurationCodes.FailoverTimes,
                $"{key} ({DurationText.Write(longest)}) is not shorter than connectTimeout ({DurationText.Write(connectTimeout)}), "
                + "after which the next upstream is tried anyway, expected less");
        else if (hedge.Delay is null && hedge.DelayMin > hedge.DelayMax)
            context.Problems.Error(at, ConfigurationCodes.FailoverTimes,
                $"hedge.delayMin ({DurationText.Write(hedge.DelayMin)}) is longer than hedge.delayMax "
                + $"({DurationText.Write(hedge.DelayMax)}), expected at most that");
    }
}
