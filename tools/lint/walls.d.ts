export declare const walls: object[];
