namespace FastTcpProxy.Control.Configuration;

/// <summary>A kind that is an object, or a list of objects. Immutable, any thread.</summary>
internal interface INestedShape
{
    /// <summary>The object's keys, or null when the items of the list are no objects.</summary>
    ObjectShape? Shape { get; }
}
