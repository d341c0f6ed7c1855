namespace FastTcpProxy.Control.Configuration;

/// <summary>Warns of what the administrative interface is told and does not do yet. Pure, any thread.</summary>
internal static class AdminRules
{
    public static void Check(ProxyConfiguration configuration, BindingContext context)
    {
        if (configuration.Admin is not { StateDirectory: not null } admin)
            return;
        context.Problems.Warning(context.Origin(admin)!.Find("stateDirectory")!.At, ConfigurationCodes.NotServedYet,
            "admin.stateDirectory is checked and not used by this version yet, expected nothing to be kept there");
    }
}
