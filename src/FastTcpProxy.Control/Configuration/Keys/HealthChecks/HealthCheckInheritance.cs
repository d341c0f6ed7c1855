using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Keys.HealthChecks;

/// <summary>
/// Lays the keys of an upstream's <c>healthCheck</c> over those of its service. The result is read like any other object, so the same rules
/// apply; each key keeps the place where it was written. Pure functions, any thread.
/// </summary>
internal static class HealthCheckInheritance
{
    private static readonly ConfigurationNode AnyType = new(NodeKind.Text, Position.Start, "none");

    /// <summary>
    /// The object of both: own keys in the place of the service's, of which a check of another type has not all. Such a one inherits no
    /// <c>expect</c> either: what one protocol answers says nothing about the other.
    /// </summary>
    public static ConfigurationNode Inherit(ConfigurationNode own, ConfigurationNode service)
    {
        CheckType typeOfService = TypeOf(service) ?? CheckType.Http;
        CheckType type = TypeOf(own) ?? typeOfService;
        bool sameAnswers = type == typeOfService || typeOfService == CheckType.None;
        return Overlay(own, service.Properties.Where(property =>
            HealthCheckRules.Fits(property.Name, type) && (sameAnswers || property.Name != HealthCheckKeys.Expect.Name)
            && own.Properties.TrueForAll(mine => HealthCheckRules.Agree(property.Name, mine.Name))));
    }

    /// <summary>
    /// The own object as one of the service's type, when the service's other keys are no use because one is in error. When that is the type
    /// itself, the own keys are those of no type in particular.
    /// </summary>
    public static ConfigurationNode InheritType(ConfigurationNode own, ConfigurationNode service) =>
        Overlay(own, service.Properties.Where(property => property.Name == HealthCheckKeys.Type.Name)
            .Select(property => TypeOf(service) is null ? property with { Value = AnyType } : property));

    private static ConfigurationNode Overlay(ConfigurationNode own, IEnumerable<NodeProperty> inherited, bool withoutCase = false)
    {
        StringComparison comparison = withoutCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        var properties = new List<NodeProperty>();
        var replaced = new HashSet<NodeProperty>(ReferenceEqualityComparer.Instance);
        foreach (NodeProperty below in inherited)
        {
            NodeProperty? above = own.Properties.Find(property => property.Name.Equals(below.Name, comparison));
            if (above is null)
                properties.Add(below with { Inherited = true, Value = AsInherited(below.Value) });
            else if (replaced.Add(above))
                properties.Add(above with { Value = Overlay(above, below) });
        }
        properties.AddRange(own.Properties.Where(property => !replaced.Contains(property)));
        return own.With(properties);
    }

    private static ConfigurationNode Overlay(NodeProperty above, NodeProperty below) =>
        above.Value.Kind == NodeKind.Object && below.Value.Kind == NodeKind.Object
            ? Overlay(above.Value, below.Value.Properties, withoutCase: above.Name == HealthCheckKeys.Headers.Name)
            : above.Value;

    /// <summary>An object of which every key is marked; other values have no keys.</summary>
    private static ConfigurationNode AsInherited(ConfigurationNode value) => value.Kind == NodeKind.Object
        ? value.With([.. value.Properties.Select(property => property with { Inherited = true, Value = AsInherited(property.Value) })])
        : value;

    private static CheckType? TypeOf(ConfigurationNode node) =>
        node.Find(HealthCheckKeys.Type.Name) is { Kind: NodeKind.Text } type
            && ((TextKind<CheckType>)HealthCheckKeys.Type.Kind).TryParse(type.Text, out CheckType setting, out _)
            ? setting
            : null;
}
