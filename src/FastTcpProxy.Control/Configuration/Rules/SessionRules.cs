using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Rules;

/// <summary>Warns of a service's limit that the limit of the process makes unreachable. Pure, any thread.</summary>
internal static class SessionRules
{
    public static void Check(ProxyConfiguration configuration, BindingContext context)
    {
        foreach (ServiceConfiguration service in configuration.Services)
        {
            if (service.Settings.SessionsMax > configuration.Engine.MaxSessions)
                context.Problems.Warning(context.Origin(service)!.Find("maxSessions")!.At, ConfigurationCodes.SessionsAboveEngine,
                    $"maxSessions {service.Settings.SessionsMax} is above "
                    + $"engine.maxSessions {configuration.Engine.MaxSessions}, which applies first, "
                        + "expected at most that");
        }
    }
}
