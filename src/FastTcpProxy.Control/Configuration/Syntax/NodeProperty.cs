namespace FastTcpProxy.Control.Configuration;

/// <summary>One key of an object with its place. Immutable once read.</summary>
/// <param name="Inherited">Whether it was written in another object, which this one extends.</param>
internal sealed record NodeProperty(string Name, Position At, ConfigurationNode Value, bool Inherited = false);
