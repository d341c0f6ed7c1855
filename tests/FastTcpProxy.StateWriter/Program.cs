using System.Globalization;
using System.Text;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Overrides;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Overrides.Storage;

namespace FastTcpProxy.StateWriter;

/// <summary>
/// Changes overrides one after another until it is killed: for the test that kills it. The argument is the state directory. It says "found
/// N" for what it starts with, "answered N" after each change, and "refused N: WHY" for one that is not made, which it tries again; N is in
/// the reason of the first upstream's override, those of the others make the file longer.
/// </summary>
internal static class Program
{
    /// <summary>Enough for a file of several pages.</summary>
    private const int Upstreams = 64;

    public static void Main(string[] arguments)
    {
        ServiceComposer composer = new(ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(Configuration()), "writer.json").Configuration!);
        using OverrideStore store = new(composer, arguments[0], new SilentObserver(), TimeProvider.System);
        store.Restore();
        long number = 0;
        if (store.Find(new OverrideKey("s", "u0")).Set is { } found) number = long.Parse(found.Reason, CultureInfo.InvariantCulture);
        else
        {
            for (int i = 1; i < Upstreams; i++)
            {
                while (TrySet(store, $"u{i}", OverrideState.Disabled, new string('r', OverrideLimits.ReasonCharsMax)) is { } why)
                    Console.WriteLine($"refused u{i}: {why}");
            }
        }
        Console.WriteLine($"found {number}");
        while (true)
        {
            number++;
            while (TrySet(store, "u0", number % 2 == 0 ? OverrideState.Disabled : OverrideState.Draining,
                number.ToString(CultureInfo.InvariantCulture)) is { } why)
                Console.WriteLine($"refused {number}: {why}");
            Console.WriteLine($"answered {number}");
        }
    }

    /// <returns>Why it is not made; null: it is.</returns>
    private static string? TrySet(OverrideStore store, string upstream, OverrideState state, string reason)
    {
        OverrideOutcome outcome = store.Set(new UpstreamOverride("s", upstream, state, reason, "writer"));
        return outcome.Error == OverrideError.None ? null : outcome.Detail;
    }

    private static string Configuration() => $$"""
        { "services": [{ "name": "s", "listen": ["127.0.0.1:1"], "upstreams": [{{string.Join(",",
            Enumerable.Range(0, Upstreams).Select(i => $$"""{ "name": "u{{i}}", "address": "192.0.2.{{i + 1}}:25" }"""))}}] }] }
        """;

    /// <summary>A file that cannot be used would be found by the test too.</summary>
    private sealed class SilentObserver : IOverrideObserver
    {
        public void Ended(Override set, OverrideEnd why) => Console.WriteLine($"ended {set.Key}: {why}");

        public void Restored(int count)
        {
        }

        public void FileSetAside(string path, string why, string? movedTo) => Console.WriteLine($"set aside: {why}");

        public void NotRead(string why)
        {
        }

        public void NotLocked(string why) => Console.WriteLine($"not locked: {why}");

        public void NotStored(string why) => Console.WriteLine($"not stored: {why}");
    }
}
