namespace FastTcpProxy.Control.Configuration;

/// <summary>One key of an object with its place. Immutable once read.</summary>
internal sealed record NodeProperty(string Name, Position At, ConfigurationNode Value);
