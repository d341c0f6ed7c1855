namespace FastTcpProxy.Control.Configuration;

/// <summary>What clients get when every upstream of a service is out.</summary>
public enum AllDownSetting : byte
{
    /// <summary>The list is tried as if all were up: checks may be wrong.</summary>
    TryInOrder,

    /// <summary>They fail at once.</summary>
    Fail,
}
