namespace Cluster.Manager.Security;

/// <summary>Who may call a method.</summary>
internal enum Access
{
    /// <summary>Anybody: what is needed before there is a certificate. The method itself checks a token.</summary>
    Anyone,

    /// <summary>A member of the cluster, as itself: the method itself takes the node from the certificate.</summary>
    Node,

    /// <summary>
    /// A manager by its certificate alone: between managers, of which one may be too far behind to know the other's row. The method itself
    /// judges what the caller says of itself.
    /// </summary>
    Peer,

    /// <summary>Who looks: a person with any certificate of this cluster, or whoever may change.</summary>
    Reader,

    /// <summary>Who changes: a person with an operator's certificate, a manager, or root on a manager's machine.</summary>
    Operator,

    /// <summary>A manager, or root on a manager's machine.</summary>
    Manager,
}
