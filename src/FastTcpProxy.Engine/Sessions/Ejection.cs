using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Engine.Sessions;

/// <summary>Whether a server that ends sessions at once is tried last from now on. Pure but for the standings; any thread.</summary>
internal static class Ejection
{
    /// <summary>The server has ended a session at once.</summary>
    /// <param name="service">The session's.</param>
    /// <param name="passive">The service's.</param>
    /// <param name="address">Of the server.</param>
    /// <param name="nowMs">Now, by <see cref="AddressStanding.NowMs"/>.</param>
    /// <returns>Whether it is held from now on.</returns>
    public static bool TryHold(ServiceDefinition service, PassivePolicy passive, UpstreamAddress address, long nowMs)
    {
        if (!LeavesEnough(service, passive, address, nowMs)) return false;
        Standing held = address.Standing.Reset(nowMs, passive.Terms, service.RampMs);
        if (held.State != StandingState.Held) return false;
        // Another loop may have held another one at the same moment. A hold is published before the others are looked at once more, so of
        // two loops at least one sees the other's.
        if (LeavesEnough(service, passive, address, nowMs)) return true;
        address.Standing.Pardon(held);
        return false;
    }

    /// <summary>Whether enough upstreams have their places by other addresses than this one.</summary>
    private static bool LeavesEnough(ServiceDefinition service, PassivePolicy passive, UpstreamAddress held, long nowMs)
    {
        int left = 0;
        foreach (UpstreamDefinition upstream in service.Upstreams)
        {
            foreach (UpstreamAddress address in upstream.Addresses)
            {
                if (ReferenceEquals(address, held) || service.ShareOf(address.Standing, nowMs) == 0) continue;
                left++;
                break;
            }
        }
        return left >= passive.Keep;
    }
}
