using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Rules;

/// <summary>A name means one thing: services are unique in the file, upstreams in their service. Pure, any thread.</summary>
internal static class NameRules
{
    public static void Check(ImmutableArray<ServiceConfiguration> services, BindingContext context)
    {
        CheckUnique(services.Select(service => (service.Name, At(service, context))), "service", context);
        foreach (ServiceConfiguration service in services)
            CheckUnique(service.Upstreams.Select(upstream => (upstream.Name, At(upstream, context))), "upstream of this service", context);
    }

    private static void CheckUnique(IEnumerable<(string Name, Position At)> names, string what, BindingContext context)
    {
        var first = new Dictionary<string, Position>(StringComparer.Ordinal);
        foreach ((string name, Position at) in names)
        {
            // An empty name could not be read and is reported already.
            if (name.Length > 0 && !first.TryAdd(name, at))
                context.Problems.Error(at, ConfigurationCodes.DuplicateName,
                    $"the name {Wording.Quote(name)} belongs to another {what} at {first[name]}, expected a unique name");
        }
    }

    /// <summary>The name; for an upstream without one its address, which is its name then.</summary>
    private static Position At(object named, BindingContext context)
    {
        ConfigurationNode node = context.Origin(named)!;
        return (node.Find("name") ?? node.Find("address") ?? node).At;
    }
}
